"""OKPay Console: the terminal workspace of an e-wallet's hotline."""

__version__ = "0.1.0"
