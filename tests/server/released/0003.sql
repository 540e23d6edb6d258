BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE answer_counts (
	answer VARCHAR(100) NOT NULL, 
	helped INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	PRIMARY KEY (answer)
);
CREATE TABLE answers (
	id VARCHAR(100) NOT NULL, 
	lang VARCHAR(16) NOT NULL, 
	version INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	markdown TEXT NOT NULL, 
	author VARCHAR(64) NOT NULL, 
	at INTEGER NOT NULL, 
	reviewer VARCHAR(64) NOT NULL, 
	published_at INTEGER, 
	ended_by VARCHAR(64) NOT NULL, 
	ended_at INTEGER, 
	PRIMARY KEY (id, lang, version)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	who VARCHAR(64) NOT NULL, 
	what VARCHAR(64) NOT NULL, 
	about VARCHAR(200) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1795388245953,'admin','user.add','wang supervisor','43829b94caf7e0689b639fe9d12f54b682699de9e7c60d876a586ffadf7d5371');
INSERT INTO "audit" VALUES(2,1795388245955,'admin','token.add','wang','6bf71e3e8eb385014c85f31aae09ef55f814950101c01609341eec9924cf3025');
CREATE TABLE clients (
	client VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	last_mid INTEGER NOT NULL, 
	last_uuid VARCHAR(64) NOT NULL, 
	PRIMARY KEY (client)
);
INSERT INTO "clients" VALUES('9244dc6959a0c6918ec3dc6ef98a6777','wang',4,'01a2057a-9e79-7831-8965-00fea369ebf5');
CREATE TABLE commits (
	seq INTEGER NOT NULL, 
	fork INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "commits" VALUES(0,2550272497,0);
INSERT INTO "commits" VALUES(1,3963478368,1795388248659);
INSERT INTO "commits" VALUES(2,3904518138,1795388250323);
INSERT INTO "commits" VALUES(3,1866012248,1795388251136);
INSERT INTO "commits" VALUES(4,1067036153,1795388251814);
CREATE TABLE log (
	client VARCHAR(64) NOT NULL, 
	mid INTEGER NOT NULL, 
	uuid VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	PRIMARY KEY (client, mid)
);
INSERT INTO "log" VALUES('9244dc6959a0c6918ec3dc6ef98a6777',1,'01a2057a-9238-7aa3-918f-b5634949e222',1,'confirmed');
INSERT INTO "log" VALUES('9244dc6959a0c6918ec3dc6ef98a6777',2,'01a2057a-98b5-7e0a-91a2-f8f2f87d88ad',2,'confirmed');
INSERT INTO "log" VALUES('9244dc6959a0c6918ec3dc6ef98a6777',3,'01a2057a-9bbb-7e8c-bb70-40afe5292466',3,'confirmed');
INSERT INTO "log" VALUES('9244dc6959a0c6918ec3dc6ef98a6777',4,'01a2057a-9e79-7831-8965-00fea369ebf5',4,'confirmed');
CREATE TABLE mutations (
	uuid VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	ticket VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	outcome TEXT NOT NULL, 
	fingerprint VARCHAR(64), 
	at INTEGER NOT NULL, 
	PRIMARY KEY (uuid)
);
INSERT INTO "mutations" VALUES('01a2057a-9238-7aa3-918f-b5634949e222','wang','01a2057a-9238-788a-b455-1c9894d08192','ticket.new',1,'confirmed','{"uuid":"01a2057a-9238-7aa3-918f-b5634949e222","state":"confirmed","ticket":"01a2057a-9238-788a-b455-1c9894d08192","mid":1}',NULL,1795388248659);
INSERT INTO "mutations" VALUES('01a2057a-98b5-7e0a-91a2-f8f2f87d88ad','wang','01a2057a-9238-788a-b455-1c9894d08192','ticket.note',2,'confirmed','{"uuid":"01a2057a-98b5-7e0a-91a2-f8f2f87d88ad","state":"confirmed","ticket":"01a2057a-9238-788a-b455-1c9894d08192","mid":2}',NULL,1795388250323);
INSERT INTO "mutations" VALUES('01a2057a-9bbb-7e8c-bb70-40afe5292466','wang','01a2057a-9238-788a-b455-1c9894d08192','field.set',3,'confirmed','{"uuid":"01a2057a-9bbb-7e8c-bb70-40afe5292466","state":"confirmed","ticket":"01a2057a-9238-788a-b455-1c9894d08192","mid":3}',NULL,1795388251136);
INSERT INTO "mutations" VALUES('01a2057a-9e79-7831-8965-00fea369ebf5','wang','01a2057a-9238-788a-b455-1c9894d08192','promise.make',4,'confirmed','{"uuid":"01a2057a-9e79-7831-8965-00fea369ebf5","state":"confirmed","ticket":"01a2057a-9238-788a-b455-1c9894d08192","mid":4}',NULL,1795388251814);
CREATE TABLE presence (
	ticket VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	writing BOOLEAN NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (ticket, user)
);
CREATE TABLE sync_head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	next_number INTEGER NOT NULL, 
	horizon INTEGER NOT NULL, 
	server_id VARCHAR(32) NOT NULL, shelf INTEGER DEFAULT '1' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_head" VALUES(1,4,10002,0,'156466c59782045f455c02f27c65d342',1);
CREATE TABLE tickets (
	id VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	rev INTEGER NOT NULL, 
	queue VARCHAR(64) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	priority VARCHAR(16) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	category VARCHAR(64) NOT NULL, 
	assignee VARCHAR(64), 
	lease_until INTEGER, 
	claim_no INTEGER NOT NULL, 
	external_id VARCHAR(200), 
	work_rank SMALLINT NOT NULL, 
	due INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	gone BOOLEAN NOT NULL, 
	doc TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (number), 
	UNIQUE (external_id)
);
INSERT INTO "tickets" VALUES('01a2057a-9238-788a-b455-1c9894d08192',4,10001,4,'general','new','normal','hotline','TXN',NULL,NULL,0,NULL,2,1795388268659,1795388248659,0,'{"id":"01a2057a-9238-788a-b455-1c9894d08192","number":10001,"rev":4,"subject":"已扣款未到账","channel":"hotline","category":"TXN","caller":{"mobile":"+8613800138000"},"answers":{"txn_no":{"value":"A1B2C3D4E5","state":"filled","by":"wang","at":"2026-11-22T22:57:31.136847Z"}},"timeline":[{"id":"01a2057a-9238-7aa3-918f-b5634949e222","kind":"created","at":"2026-11-22T22:57:28.659755Z","by":"wang","data":{"channel":"hotline"}},{"id":"01a2057a-98b5-7e0a-91a2-f8f2f87d88ad","kind":"note","at":"2026-11-22T22:57:30.323863Z","by":"wang","text":"查过流水，重复扣款"},{"id":"01a2057a-9bbb-7e8c-bb70-40afe5292466","kind":"field","at":"2026-11-22T22:57:31.136847Z","by":"wang","data":{"field":"txn_no","state":"filled"}},{"id":"01a2057a-9e79-7831-8965-00fea369ebf5","kind":"promise","at":"2026-11-22T22:57:31.814100Z","by":"wang","text":"15:00 前回电","data":{"due":"2026-11-23T00:57:31.532158+00:00"}}],"promises":[{"id":"01a2057a-9e79-7831-8965-00fea369ebf5","text":"15:00 前回电","due_at":"2026-11-23T00:57:31.532158Z","made_by":"wang","made_at":"2026-11-22T22:57:31.814100Z"}],"sla":{"response_due":"2026-11-22T22:57:48.659755Z","resolve_due":"2026-11-25T10:00:00Z"},"created_at":"2026-11-22T22:57:28.659755Z","updated_at":"2026-11-22T22:57:31.814100Z"}');
CREATE TABLE tokens (
	hash VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	label VARCHAR(100) NOT NULL, 
	created_at INTEGER NOT NULL, 
	expires_at INTEGER, 
	revoked_at INTEGER, 
	PRIMARY KEY (hash)
);
INSERT INTO "tokens" VALUES('149a71ee3508fa5ea44bffc1d4933b2bd0dd8b3f36771e1c596045e6c3597e04','wang','first',1795388245955,1803164245955,NULL);
CREATE TABLE users (
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	queues TEXT NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "users" VALUES('wang','supervisor','[]',0,1795388245953);
CREATE INDEX ix_tickets_seq ON tickets (seq);
CREATE INDEX ix_tickets_work ON tickets (work_rank, due, created, id);
CREATE INDEX ix_mutations_seq ON mutations (seq);
CREATE INDEX ix_log_client_seq ON log (client, seq);
CREATE INDEX ix_tokens_user ON tokens (user);
CREATE INDEX ix_answers_state ON answers (state, id, lang);
COMMIT;
