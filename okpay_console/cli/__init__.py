"""The command line: one file per noun; each command is a function of the arguments, the settings and the output."""
