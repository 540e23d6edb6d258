BEGIN TRANSACTION;
CREATE TABLE alarms (
	id VARCHAR(64) NOT NULL, 
	doc TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"by" VARCHAR(64) NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "alarms" VALUES('open','{"id":"open","metric":"groups.queue.general.open","above":0.0,"for_s":0.0,"after_s":2.0,"queue":"general","tell_agents":true,"words":"排队"}','{"up":"2026-03-02T09:00:00Z","told":true,"told_at":"2026-03-02T09:00:00Z"}','boss',1772442000000);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE answer_counts (
	answer VARCHAR(100) NOT NULL, 
	helped INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	PRIMARY KEY (answer)
);
INSERT INTO "answer_counts" VALUES('limits',1,0);
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
INSERT INTO "answers" VALUES('limits','zh',1,'published','---
id: limits
title: 转账限额
category: TXN
---
1. 请客户打开限额页。
','wang',1772442004000,'boss',1772442004000,'',NULL);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	who VARCHAR(64) NOT NULL, 
	what VARCHAR(64) NOT NULL, 
	about VARCHAR(200) NOT NULL, 
	link VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,1795397824681,'admin','user.add','wang supervisor','f69a493f08c259f88449cf9a64e075e5a349c95e9380cbeca768e48d923fdaed');
INSERT INTO "audit" VALUES(2,1795397824685,'admin','token.add','wang','c04525ae8547502be8b70a018ba2cf69c348515b6e3604d6f0766a5578fde32c');
INSERT INTO "audit" VALUES(3,1795397824694,'admin','user.add','boss supervisor','f9dd640e4702d6340bf16e7e49595dc2c774146e79aafc9993ae7368bb941217');
INSERT INTO "audit" VALUES(4,1795397824697,'admin','token.add','boss','bb18c83447fa2f473f5d63642fd91878feec5ae2cae9cfd2d8490f05fadb9c63');
INSERT INTO "audit" VALUES(5,1795397824728,'admin','user.add','li agent','7eb5bdeeec40a59996be50d5739eedac68367e16421d19e0e246eb02bba0613a');
INSERT INTO "audit" VALUES(6,1795397824744,'admin','token.add','li','a55cdbb1010edc8a0ac0eaa8feab04c4f52dd453f20a870ea8b2cecbeed501f7');
INSERT INTO "audit" VALUES(7,1772442000000,'wang','token.sign-in','90aa4490fbffb70b','f86d3eded84ba16bfd5d8dc8552382bcb9ce3ba9d2313350e1f42dbde0a3d1ee');
INSERT INTO "audit" VALUES(8,1795397824972,'admin','webhook.set','duty','570f1d283e69febd3f6d0a3af4031cfc89fdf73b557b95497ab2c419ce57fca9');
INSERT INTO "audit" VALUES(9,1772442000000,'boss','token.sign-in','8d29e0e36b8eb7e5','26e3a59cca6161922e28d4fd5f70fa9f9a2d7f689e56cfb30638a3a4c71c3355');
INSERT INTO "audit" VALUES(10,1772442000000,'boss','alarm.set','open groups.queue.general.open','80d74cfe21af88f56986ce89f3151df242849d36a7336b1795ec64d2acfc4974');
INSERT INTO "audit" VALUES(11,1772442000000,'li','token.sign-in','6876ebadda4305f4','17cad1455ff4d5054cf1384e602bb5e81001ae496e259d2408fd47904f99a469');
INSERT INTO "audit" VALUES(12,1772442004000,'wang','answer.draft','limits zh 1','e63b5e1618aaf8e5aec1022d8eb4e8797be23d954fd3510d0e3927f08318b733');
INSERT INTO "audit" VALUES(13,1772442004000,'boss','answer.publish','limits zh 1','49a63ecf10839549b5269a004d885d0e5c481120555741912e836902af0029f3');
INSERT INTO "audit" VALUES(14,1795397825220,'admin','token.add','li','90ec90fc1190978c281e740d207b7cd2565116464283ae465dc02881318156b5');
CREATE TABLE clients (
	client VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	last_mid INTEGER NOT NULL, 
	last_uuid VARCHAR(64) NOT NULL, 
	PRIMARY KEY (client)
);
INSERT INTO "clients" VALUES('client-wang','wang',5,'01a2060c-b279-7b68-9dd0-d523c2a22139');
CREATE TABLE commits (
	seq INTEGER NOT NULL, 
	fork INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "commits" VALUES(0,1587296307,0);
INSERT INTO "commits" VALUES(1,2616672192,1772442000000);
INSERT INTO "commits" VALUES(2,2474997623,1772442000000);
INSERT INTO "commits" VALUES(3,3435448940,1772442000000);
INSERT INTO "commits" VALUES(4,274851974,1772442000000);
INSERT INTO "commits" VALUES(5,3249568125,1772442000000);
INSERT INTO "commits" VALUES(6,1539096599,1772442004000);
INSERT INTO "commits" VALUES(7,2995838921,1772442004000);
INSERT INTO "commits" VALUES(8,1531448857,1772442004000);
CREATE TABLE daybook (
	seq INTEGER NOT NULL, 
	fork INTEGER NOT NULL, 
	uuid VARCHAR(64) NOT NULL, 
	kept INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	"by" VARCHAR(64) NOT NULL, 
	about VARCHAR(64) NOT NULL, 
	queue VARCHAR(64) NOT NULL, 
	doc TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (uuid)
);
INSERT INTO "daybook" VALUES(1,3808672207,'01a2060c-b1e8-7c6e-8fa4-b26054c7bebd',1772442000000,1772442000000,'state','li','','','{"uuid":"01a2060c-b1e8-7c6e-8fa4-b26054c7bebd","kind":"state","at":"2026-03-02T09:00:00Z","by":"li","what":"break","reason":"meal","seq":1}');
INSERT INTO "daybook" VALUES(2,1598413964,'01a2060c-b1e8-7cec-8263-ccdd4e9952a3',1772442000000,1772442000000,'state','li','','','{"uuid":"01a2060c-b1e8-7cec-8263-ccdd4e9952a3","kind":"state","at":"2026-03-02T09:00:00Z","by":"li","what":"available","seq":2}');
INSERT INTO "daybook" VALUES(3,2990289275,'01a2060c-b231-79c6-a18f-71e43944dd47',1772442000000,1772442000000,'alarm','server','*','general','{"uuid":"01a2060c-b231-79c6-a18f-71e43944dd47","kind":"alarm","at":"2026-03-02T09:00:00Z","by":"server","about":"*","queue":"general","what":"open","reason":"raised","words":"{\"metric\":\"groups.queue.general.open\",\"value\":1,\"since\":\"2026-03-02T09:00:00Z\",\"words\":\"排队\"}","seq":3}');
CREATE TABLE deliveries (
	id VARCHAR(64) NOT NULL, 
	webhook VARCHAR(64) NOT NULL, 
	alarm VARCHAR(64) NOT NULL, 
	queue VARCHAR(64) NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	made INTEGER NOT NULL, 
	due INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	done INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "deliveries" VALUES('msg_01a2060c-b230-7f7e-96d0-73b7dba5f5f0','duty','open','general','alarm.raised','{"type":"alarm.raised","timestamp":"2026-03-02T09:00:00Z","data":{"alarm":"open","metric":"groups.queue.general.open","value":1,"above":0.0,"below":null,"queue":"general","since":"2026-03-02T09:00:00Z","words":"排队"}}',1772442000000,1772442000000,0,'waiting','',0);
CREATE TABLE departures (
	ticket VARCHAR(64) NOT NULL, 
	queue VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (ticket, queue)
);
INSERT INTO "departures" VALUES('01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','vip',4);
CREATE TABLE duties (
	name VARCHAR(64) NOT NULL, 
	holder VARCHAR(64) NOT NULL, 
	beat INTEGER NOT NULL, 
	asked INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "duties" VALUES('floor','',6,0);
CREATE TABLE floor (
	id INTEGER NOT NULL, 
	as_of INTEGER NOT NULL, 
	wall TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floor" VALUES(1,1772442003000,'{"as_of":"2026-03-02T09:00:03Z","house":{"target_s":20.0,"short_abandon_s":5.0,"goal":0.8,"occupancy":0.85,"shrinkage":0.3,"fcr_days":7,"weeks":4,"formula":"strict","solving":[],"care_stretch_s":7200.0,"care_abusive":2,"care_contact":0.9},"tickets":{"as_of":"2026-03-02T09:00:03Z","all":1,"open":1,"waiting":1,"overdue":0,"pending":0,"closed_today":0,"promises_open":0,"promises_overdue":0,"oldest_wait_s":3.0,"by_channel":{"hotline":1},"by_category":{"":1},"by_queue":{"general":1},"by_agent":{"":1},"by_status":{"new":1},"by_priority":{"normal":1}},"calls":{"offered":0,"answered":0,"abandoned":0,"callbacks":0,"waiting":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"asa_s":null,"aht_s":null,"talk_s":null,"hold_s":null,"acw_s":null,"abandonment":null,"abandonment_net":null,"occupancy":null,"utilisation":0.0,"patience_s":null},"before":{"offered":0,"answered":0,"abandoned":0,"callbacks":0,"waiting":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"asa_s":null,"aht_s":null,"talk_s":null,"hold_s":null,"acw_s":null,"abandonment":null,"abandonment_net":null,"occupancy":null,"utilisation":null,"patience_s":null},"ringing":0,"longest_ring_s":null,"written_down":0,"backlog":{"count":1,"overdue":0,"p50_s":3.0,"p90_s":3.0,"max_s":3.0,"ages":[1,0,0,0,0,0,0],"cycles_late":0.0},"response":{"met":0,"missed":0,"late":0},"resolve":{"met":0,"missed":0,"late":0},"promises":{"part":0,"whole":0},"first_contact":{"part":0,"whole":0},"groups":{"channel":{"hotline":{"open":1,"overdue":0,"calls":{"offered":0,"answered":0,"abandoned":0,"callbacks":0,"waiting":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"asa_s":null,"aht_s":null,"talk_s":null,"hold_s":null,"acw_s":null,"abandonment":null,"abandonment_net":null,"occupancy":null,"utilisation":null,"patience_s":null}}},"category":{"":{"open":1,"overdue":0,"calls":{"offered":0,"answered":0,"abandoned":0,"callbacks":0,"waiting":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"asa_s":null,"aht_s":null,"talk_s":null,"hold_s":null,"acw_s":null,"abandonment":null,"abandonment_net":null,"occupancy":null,"utilisation":null,"patience_s":null}}},"queue":{"general":{"open":1,"overdue":0,"calls":{"offered":0,"answered":0,"abandoned":0,"callbacks":0,"waiting":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"asa_s":null,"aht_s":null,"talk_s":null,"hold_s":null,"acw_s":null,"abandonment":null,"abandonment_net":null,"occupancy":null,"utilisation":null,"patience_s":null}}}},"halves":[{"label":"00:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"00:00","calls":null,"least":null,"most":null,"days":0}},{"label":"00:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"00:30","calls":null,"least":null,"most":null,"days":0}},{"label":"01:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"01:00","calls":null,"least":null,"most":null,"days":0}},{"label":"01:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"01:30","calls":null,"least":null,"most":null,"days":0}},{"label":"02:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"02:00","calls":null,"least":null,"most":null,"days":0}},{"label":"02:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"02:30","calls":null,"least":null,"most":null,"days":0}},{"label":"03:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"03:00","calls":null,"least":null,"most":null,"days":0}},{"label":"03:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"03:30","calls":null,"least":null,"most":null,"days":0}},{"label":"04:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"04:00","calls":null,"least":null,"most":null,"days":0}},{"label":"04:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"04:30","calls":null,"least":null,"most":null,"days":0}},{"label":"05:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"05:00","calls":null,"least":null,"most":null,"days":0}},{"label":"05:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"05:30","calls":null,"least":null,"most":null,"days":0}},{"label":"06:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"06:00","calls":null,"least":null,"most":null,"days":0}},{"label":"06:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"06:30","calls":null,"least":null,"most":null,"days":0}},{"label":"07:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"07:00","calls":null,"least":null,"most":null,"days":0}},{"label":"07:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"07:30","calls":null,"least":null,"most":null,"days":0}},{"label":"08:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"08:00","calls":null,"least":null,"most":null,"days":0}},{"label":"08:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"08:30","calls":null,"least":null,"most":null,"days":0}},{"label":"09:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"09:00","calls":null,"least":null,"most":null,"days":0}},{"label":"09:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"09:30","calls":null,"least":null,"most":null,"days":0}},{"label":"10:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"10:00","calls":null,"least":null,"most":null,"days":0}},{"label":"10:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"10:30","calls":null,"least":null,"most":null,"days":0}},{"label":"11:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"11:00","calls":null,"least":null,"most":null,"days":0}},{"label":"11:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"11:30","calls":null,"least":null,"most":null,"days":0}},{"label":"12:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"12:00","calls":null,"least":null,"most":null,"days":0}},{"label":"12:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"12:30","calls":null,"least":null,"most":null,"days":0}},{"label":"13:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"13:00","calls":null,"least":null,"most":null,"days":0}},{"label":"13:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"13:30","calls":null,"least":null,"most":null,"days":0}},{"label":"14:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"14:00","calls":null,"least":null,"most":null,"days":0}},{"label":"14:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"14:30","calls":null,"least":null,"most":null,"days":0}},{"label":"15:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"15:00","calls":null,"least":null,"most":null,"days":0}},{"label":"15:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"15:30","calls":null,"least":null,"most":null,"days":0}},{"label":"16:00","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"16:00","calls":null,"least":null,"most":null,"days":0}},{"label":"16:30","stage":"past","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"16:30","calls":null,"least":null,"most":null,"days":0}},{"label":"17:00","stage":"now","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"17:00","calls":null,"least":null,"most":null,"days":0}},{"label":"17:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"17:30","calls":null,"least":null,"most":null,"days":0}},{"label":"18:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"18:00","calls":null,"least":null,"most":null,"days":0}},{"label":"18:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"18:30","calls":null,"least":null,"most":null,"days":0}},{"label":"19:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"19:00","calls":null,"least":null,"most":null,"days":0}},{"label":"19:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"19:30","calls":null,"least":null,"most":null,"days":0}},{"label":"20:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"20:00","calls":null,"least":null,"most":null,"days":0}},{"label":"20:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"20:30","calls":null,"least":null,"most":null,"days":0}},{"label":"21:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"21:00","calls":null,"least":null,"most":null,"days":0}},{"label":"21:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"21:30","calls":null,"least":null,"most":null,"days":0}},{"label":"22:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"22:00","calls":null,"least":null,"most":null,"days":0}},{"label":"22:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"22:30","calls":null,"least":null,"most":null,"days":0}},{"label":"23:00","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"23:00","calls":null,"least":null,"most":null,"days":0}},{"label":"23:30","stage":"next","offered":0,"answered":0,"service_level":{"strict":null,"freshcaller":null,"genesys":null,"flex":null,"connect":null},"expected":{"label":"23:30","calls":null,"least":null,"most":null,"days":0}}],"measured":{"aht_s":null,"patience_s":null,"finished":0,"abandoned":0,"pooled":true,"there":0},"levers":[{"label":"17:00","calls":null,"c":null,"a":null,"rostered":null,"more":null,"lack":"calls"},{"label":"17:30","calls":null,"c":null,"a":null,"rostered":null,"more":null,"lack":"calls"},{"label":"18:00","calls":null,"c":null,"a":null,"rostered":null,"more":null,"lack":"calls"},{"label":"18:30","calls":null,"c":null,"a":null,"rostered":null,"more":null,"lack":"calls"}],"crew":{"members":[{"name":"li","doing":"break","since":"2026-03-02T09:00:00Z","was":"","reason":"meal","until":null,"late":false,"ticket":"","call":"","worked_s":3.0,"contact_s":0.0,"idle_s":0.0,"break_s":3.0,"training_s":0.0,"calls":0,"aht_s":null,"occupancy":null}],"counts":{"unheard":0,"hold":0,"wrapup":0,"call":0,"available":0,"break":1,"training":0,"offline":0},"occupancy":null,"utilisation":0.0,"contact_s":0.0,"idle_s":0.0,"break_s":3.0,"training_s":0.0,"care":{"at_work":0,"stretch":null,"abusive":null,"contact":null,"minutes":null,"limits":{"stretch_s":7200.0,"abusive":2,"contact":0.9}}}}');
CREATE TABLE guesses (
	"key" VARCHAR(100) NOT NULL, 
	count INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	locks INTEGER NOT NULL, 
	until INTEGER NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "guesses" VALUES('source 127.0.0.1',2,1772442004000,0,0);
INSERT INTO "guesses" VALUES('prefix 760945e283187ad1',1,1772442004000,0,0);
INSERT INTO "guesses" VALUES('prefix 1a548817a8dae374',1,1772442004000,0,0);
CREATE TABLE heard (
	user VARCHAR(64) NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (user)
);
INSERT INTO "heard" VALUES('li',1772442000000);
CREATE TABLE log (
	client VARCHAR(64) NOT NULL, 
	mid INTEGER NOT NULL, 
	uuid VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	PRIMARY KEY (client, mid)
);
INSERT INTO "log" VALUES('client-wang',1,'01a2060c-b0f4-7339-aea2-d83fc39fda9d',1,'confirmed');
INSERT INTO "log" VALUES('client-wang',2,'01a2060c-b174-742c-ac6b-2d9c67c00c90',2,'confirmed');
INSERT INTO "log" VALUES('client-wang',3,'01a2060c-b174-734e-a673-254a114ae543',3,'rejected');
INSERT INTO "log" VALUES('client-wang',4,'01a2060c-b1ba-74ec-81c4-d61647c19ab4',4,'confirmed');
INSERT INTO "log" VALUES('client-wang',5,'01a2060c-b279-7b68-9dd0-d523c2a22139',8,'confirmed');
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
INSERT INTO "mutations" VALUES('01a2060c-b0f4-7339-aea2-d83fc39fda9d','wang','01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','ticket.new',1,'confirmed','{"uuid":"01a2060c-b0f4-7339-aea2-d83fc39fda9d","state":"confirmed","ticket":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","mid":1}',NULL,1772442000000);
INSERT INTO "mutations" VALUES('01a2060c-b174-742c-ac6b-2d9c67c00c90','wang','01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','ticket.note',2,'confirmed','{"uuid":"01a2060c-b174-742c-ac6b-2d9c67c00c90","state":"confirmed","ticket":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","mid":2}',NULL,1772442000000);
INSERT INTO "mutations" VALUES('01a2060c-b174-734e-a673-254a114ae543','wang','01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','ticket.note',3,'rejected','{"uuid":"01a2060c-b174-734e-a673-254a114ae543","state":"rejected","ticket":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","mid":3,"code":"empty-text","what":"The text is empty.","advice":"Write something first."}',NULL,1772442000000);
INSERT INTO "mutations" VALUES('01a2060c-b1ba-74ec-81c4-d61647c19ab4','wang','01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','queue.set',4,'confirmed','{"uuid":"01a2060c-b1ba-74ec-81c4-d61647c19ab4","state":"confirmed","ticket":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","mid":4}',NULL,1772442000000);
INSERT INTO "mutations" VALUES('01a2060c-b279-7b68-9dd0-d523c2a22139','wang','01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3','answer.rate',8,'confirmed','{"uuid":"01a2060c-b279-7b68-9dd0-d523c2a22139","state":"confirmed","ticket":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","mid":5}',NULL,1772442004000);
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
	server_id VARCHAR(32) NOT NULL, shelf INTEGER DEFAULT '1' NOT NULL, daybook INTEGER DEFAULT '1' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_head" VALUES(1,8,10002,0,'e41e8710a8a7bf3c7195f69c35978157',1209885158,802511114);
CREATE TABLE "tickets" (
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
	brought_by VARCHAR(64) DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT tickets_number_key UNIQUE (number), 
	CONSTRAINT tickets_external_id_brought_by_key UNIQUE (external_id, brought_by)
);
INSERT INTO "tickets" VALUES('01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3',8,10001,4,'general','new','normal','hotline','',NULL,NULL,0,NULL,2,9007199254740992,1772442000000,0,'{"id":"01a2060c-b0f4-7a8e-b38d-3fca36fe4bd3","number":10001,"rev":4,"subject":"重复扣款","channel":"hotline","queue":"general","caller":{"name":"张三","mobile":"13800138000"},"timeline":[{"id":"01a2060c-b0f4-7339-aea2-d83fc39fda9d","kind":"created","at":"2026-03-02T09:00:00Z","by":"wang","text":"扣了两次","data":{"channel":"hotline"}},{"id":"01a2060c-b174-742c-ac6b-2d9c67c00c90","kind":"note","at":"2026-03-02T09:00:00Z","by":"wang","text":"查过流水，重复扣款"},{"id":"01a2060c-b1ba-74ec-81c4-d61647c19ab4","kind":"queue","at":"2026-03-02T09:00:00Z","by":"wang","data":{"was":"vip","to":"general"}},{"id":"01a2060c-b279-7b68-9dd0-d523c2a22139","kind":"helped","at":"2026-03-02T09:00:04Z","by":"wang","data":{"answer":"limits","helped":"yes"}}],"helped":{"limits":true},"sla":{},"created_at":"2026-03-02T09:00:00Z","updated_at":"2026-03-02T09:00:04Z"}','wang');
CREATE TABLE tokens (
	hash VARCHAR(64) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	label VARCHAR(100) NOT NULL, 
	created_at INTEGER NOT NULL, 
	expires_at INTEGER, 
	revoked_at INTEGER, seen_at INTEGER, 
	PRIMARY KEY (hash)
);
INSERT INTO "tokens" VALUES('90aa4490fbffb70bf675c9fe146497a7d27ebf25f8c3470006b5ac36acdbef3e','wang','first',1795397824685,NULL,NULL,1772442000000);
INSERT INTO "tokens" VALUES('8d29e0e36b8eb7e5569c1918f66be8e5d93b8b868dff02139688673ea27799df','boss','first',1795397824697,NULL,NULL,1772442000000);
INSERT INTO "tokens" VALUES('6876ebadda4305f4862092228cd162ecc8e934ef77c388284060adb08bebb018','li','first',1795397824744,NULL,NULL,1772442000000);
INSERT INTO "tokens" VALUES('e4adb81c9ef265db0bbdbfd0b22021284e2fe78ef8bde80f4b02118c954b64c3','li','',1795397825220,1803173825220,NULL,NULL);
CREATE TABLE users (
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	queues TEXT NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "users" VALUES('wang','supervisor','[]',0,1795397824681);
INSERT INTO "users" VALUES('boss','supervisor','[]',0,1795397824694);
INSERT INTO "users" VALUES('li','agent','["vip"]',0,1795397824728);
CREATE TABLE webhooks (
	id VARCHAR(64) NOT NULL, 
	url TEXT NOT NULL, 
	secret VARCHAR(100) NOT NULL, 
	stopped VARCHAR(32) NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "webhooks" VALUES('duty','https://example.com/okpay','whsec_3EY0Gpe3xZ2rhV2eB2j7T/g3uBHbqd6q7h9xhoTFS0Q=','',1795397824972);
CREATE INDEX ix_mutations_seq ON mutations (seq);
CREATE INDEX ix_log_client_seq ON log (client, seq);
CREATE INDEX ix_tokens_user ON tokens (user);
CREATE INDEX ix_answers_state ON answers (state, id, lang);
CREATE INDEX ix_daybook_kept ON daybook (kept);
CREATE INDEX ix_deliveries_state ON deliveries (state, due);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
CREATE INDEX ix_departures_queue ON departures (queue, seq);
CREATE INDEX ix_tickets_seq ON tickets (seq);
CREATE INDEX ix_tickets_work ON tickets (work_rank, due, created, id);
COMMIT;
