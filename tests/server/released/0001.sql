BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	who VARCHAR(64) NOT NULL, 
	what VARCHAR(64) NOT NULL, 
	about VARCHAR(200) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1795388239278,'admin','user.add','wang supervisor','cd5651127d18c0313b5c6b39ad74f228de2921a786fba1040e8282f59231a2ed');
INSERT INTO "audit" VALUES(2,1795388239281,'admin','token.add','wang','2706792d628bde512636bee8fb634ff4e02cd8c9f0c2f255fafd1a65144ef3c0');
CREATE TABLE clients (
	client VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	last_mid INTEGER NOT NULL, 
	last_uuid VARCHAR(64) NOT NULL, 
	PRIMARY KEY (client)
);
INSERT INTO "clients" VALUES('0cfa5a34fb8af284de4719c2d7b1214d','wang',4,'01a2057a-7b32-7135-b795-f6ce417dddd8');
CREATE TABLE commits (
	seq INTEGER NOT NULL, 
	fork INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "commits" VALUES(0,2364622656,0);
INSERT INTO "commits" VALUES(1,3970672552,1795388240874);
INSERT INTO "commits" VALUES(2,1591674170,1795388241871);
INSERT INTO "commits" VALUES(3,4062155518,1795388242321);
INSERT INTO "commits" VALUES(4,3107579253,1795388242778);
CREATE TABLE log (
	client VARCHAR(64) NOT NULL, 
	mid INTEGER NOT NULL, 
	uuid VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	PRIMARY KEY (client, mid)
);
INSERT INTO "log" VALUES('0cfa5a34fb8af284de4719c2d7b1214d',1,'01a2057a-73e1-71bb-ba2e-e1d5e2090485',1,'confirmed');
INSERT INTO "log" VALUES('0cfa5a34fb8af284de4719c2d7b1214d',2,'01a2057a-7794-781e-aab7-5569e4ebc307',2,'confirmed');
INSERT INTO "log" VALUES('0cfa5a34fb8af284de4719c2d7b1214d',3,'01a2057a-7963-7580-9ab2-986a6fe394d0',3,'confirmed');
INSERT INTO "log" VALUES('0cfa5a34fb8af284de4719c2d7b1214d',4,'01a2057a-7b32-7135-b795-f6ce417dddd8',4,'confirmed');
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
INSERT INTO "mutations" VALUES('01a2057a-73e1-71bb-ba2e-e1d5e2090485','wang','01a2057a-73e1-7b9e-8bf3-2e32f00e4622','ticket.new',1,'confirmed','{"uuid":"01a2057a-73e1-71bb-ba2e-e1d5e2090485","state":"confirmed","ticket":"01a2057a-73e1-7b9e-8bf3-2e32f00e4622","mid":1}',NULL,1795388240874);
INSERT INTO "mutations" VALUES('01a2057a-7794-781e-aab7-5569e4ebc307','wang','01a2057a-73e1-7b9e-8bf3-2e32f00e4622','ticket.note',2,'confirmed','{"uuid":"01a2057a-7794-781e-aab7-5569e4ebc307","state":"confirmed","ticket":"01a2057a-73e1-7b9e-8bf3-2e32f00e4622","mid":2}',NULL,1795388241871);
INSERT INTO "mutations" VALUES('01a2057a-7963-7580-9ab2-986a6fe394d0','wang','01a2057a-73e1-7b9e-8bf3-2e32f00e4622','field.set',3,'confirmed','{"uuid":"01a2057a-7963-7580-9ab2-986a6fe394d0","state":"confirmed","ticket":"01a2057a-73e1-7b9e-8bf3-2e32f00e4622","mid":3}',NULL,1795388242321);
INSERT INTO "mutations" VALUES('01a2057a-7b32-7135-b795-f6ce417dddd8','wang','01a2057a-73e1-7b9e-8bf3-2e32f00e4622','promise.make',4,'confirmed','{"uuid":"01a2057a-7b32-7135-b795-f6ce417dddd8","state":"confirmed","ticket":"01a2057a-73e1-7b9e-8bf3-2e32f00e4622","mid":4}',NULL,1795388242778);
CREATE TABLE sync_head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	next_number INTEGER NOT NULL, 
	horizon INTEGER NOT NULL, 
	server_id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_head" VALUES(1,4,10002,0,'e0b726a4210769640d7d8b75d94af6f4');
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
INSERT INTO "tickets" VALUES('01a2057a-73e1-7b9e-8bf3-2e32f00e4622',4,10001,4,'general','new','normal','hotline','TXN',NULL,NULL,0,NULL,2,1795388260874,1795388240874,0,'{"id":"01a2057a-73e1-7b9e-8bf3-2e32f00e4622","number":10001,"rev":4,"subject":"已扣款未到账","channel":"hotline","category":"TXN","caller":{"mobile":"13800138000"},"answers":{"txn_no":{"value":"A1B2C3D4E5","state":"filled","by":"wang","at":"2026-11-22T22:57:22.321847Z"}},"timeline":[{"id":"01a2057a-73e1-71bb-ba2e-e1d5e2090485","kind":"created","at":"2026-11-22T22:57:20.874469Z","by":"wang","data":{"channel":"hotline"}},{"id":"01a2057a-7794-781e-aab7-5569e4ebc307","kind":"note","at":"2026-11-22T22:57:21.871578Z","by":"wang","text":"查过流水，重复扣款"},{"id":"01a2057a-7963-7580-9ab2-986a6fe394d0","kind":"field","at":"2026-11-22T22:57:22.321847Z","by":"wang","data":{"field":"txn_no","state":"filled"}},{"id":"01a2057a-7b32-7135-b795-f6ce417dddd8","kind":"promise","at":"2026-11-22T22:57:22.778073Z","by":"wang","text":"15:00 前回电","data":{"due":"2026-11-23T00:57:22.543836+00:00"}}],"promises":[{"id":"01a2057a-7b32-7135-b795-f6ce417dddd8","text":"15:00 前回电","due_at":"2026-11-23T00:57:22.543836Z","made_by":"wang","made_at":"2026-11-22T22:57:22.778073Z"}],"sla":{"response_due":"2026-11-22T22:57:40.874469Z","resolve_due":"2026-11-25T22:57:20.874469Z"},"created_at":"2026-11-22T22:57:20.874469Z","updated_at":"2026-11-22T22:57:22.778073Z"}');
CREATE TABLE tokens (
	hash VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	label VARCHAR(100) NOT NULL, 
	created_at INTEGER NOT NULL, 
	expires_at INTEGER, 
	revoked_at INTEGER, 
	PRIMARY KEY (hash)
);
INSERT INTO "tokens" VALUES('d3318d5a4309353d451e5480013a3f3c058853a1068fcecb3630a263e7ffa8d3','wang','first',1795388239281,1803164239281,NULL);
CREATE TABLE users (
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	queues TEXT NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "users" VALUES('wang','supervisor','[]',0,1795388239278);
CREATE INDEX ix_tickets_seq ON tickets (seq);
CREATE INDEX ix_tickets_work ON tickets (work_rank, due, created, id);
CREATE INDEX ix_mutations_seq ON mutations (seq);
CREATE INDEX ix_log_client_seq ON log (client, seq);
CREATE INDEX ix_tokens_user ON tokens (user);
COMMIT;
