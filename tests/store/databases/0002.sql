BEGIN TRANSACTION;
CREATE TABLE "activations" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	activated_at VARCHAR(27) NOT NULL, 
	previous_version INTEGER, 
	CONSTRAINT fk_activations_version FOREIGN KEY(version) REFERENCES model_versions (version), 
	CONSTRAINT fk_activations_previous_version FOREIGN KEY(previous_version) REFERENCES model_versions (version)
);
INSERT INTO "activations" VALUES(1,1,'2026-11-24T12:00:11.860479Z',NULL);
INSERT INTO "activations" VALUES(2,2,'2026-11-24T12:00:11.956946Z',1);
INSERT INTO "activations" VALUES(3,1,'2026-11-24T12:00:12.075885Z',2);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE idempotency_keys (
	"key" VARCHAR(255) NOT NULL, 
	fingerprint VARCHAR(71) NOT NULL, 
	training_id VARCHAR(32) NOT NULL, 
	used_at DOUBLE NOT NULL, 
	accepted JSON, 
	CONSTRAINT pk_idempotency_keys PRIMARY KEY ("key"), 
	CONSTRAINT fk_idempotency_keys_training_id FOREIGN KEY(training_id) REFERENCES trainings (id)
);
INSERT INTO "idempotency_keys" VALUES('kept-1','sha256:2be8692730527cd8602d52937cc31133e9a74be2a6261feb1d0af9763b9df2ad','8a4a53be880744c4ae76586215cb2671',1.79552161208201050759e+09,'{"id": "8a4a53be880744c4ae76586215cb2671", "state": "queued", "submitted_at": "2026-11-24T12:00:12.081368Z", "started_at": null, "finished_at": null, "queue_position": 1, "attempt": 0, "progress": null, "model_version": null, "problem": null}');
CREATE TABLE model_versions (
	version INTEGER NOT NULL, 
	training_id VARCHAR(32) NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	digest VARCHAR(71) NOT NULL, 
	card JSON NOT NULL, 
	weights BLOB NOT NULL, 
	CONSTRAINT pk_model_versions PRIMARY KEY (version), 
	CONSTRAINT fk_model_versions_training_id FOREIGN KEY(training_id) REFERENCES trainings (id), 
	CONSTRAINT uq_model_versions_training_id UNIQUE (training_id)
);
INSERT INTO "model_versions" VALUES(1,'df67694e16c54fd9879945956aef4100','2026-11-24T12:00:11.860479Z','sha256:61019bc0d0bdf87d667450c8de76140a5a31b4e244f2688544b424c3cb951aa1','{"threshold": 0.5, "network": {"kind": "two_layer", "inputs": ["years_of_experience", "performance_score"], "hidden_units": 2}, "training": {"rows": 200, "promoted": 20, "solver": "gauss_newton", "options": {"network": "two_layer", "solver": "gauss_newton", "hidden_units": 2, "max_iterations": 200, "starts": 1024, "alpha": 0.1, "seed": 0}, "outcome": "converged", "iterations": 23, "loss": 0.1536704814252934, "records_digest": "sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9", "seconds": 0.255}}',X'00010000000000007B2268696464656E223A7B226474797065223A22463634222C227368617065223A5B322C325D2C22646174615F6F666673657473223A5B302C33325D7D2C2268696464656E5F62696173223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B33322C34385D7D2C226F7574707574223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B34382C36345D7D2C226F75747075745F62696173223A7B226474797065223A22463634222C227368617065223A5B5D2C22646174615F6F666673657473223A5B36342C37325D7D7D2020202020140C0C2F5F71D63FE08210703DA5CCBF9026BF09A44FCB3F7635CA7265A1CF3FF4077A73DC9F34C032B38C1FEE672AC0EEDF454A039A14401B203F6218FB0A4064CBC6F9F1971DC0');
INSERT INTO "model_versions" VALUES(2,'bcea94723e3140d18c69f3266d996ae8','2026-11-24T12:00:11.956946Z','sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478','{"threshold": 0.25, "network": {"kind": "single_neuron", "inputs": ["years_of_experience", "performance_score"]}, "training": {"rows": 200, "promoted": 20, "solver": "gauss_newton", "options": {"network": "single_neuron", "solver": "gauss_newton", "max_iterations": 200, "starts": 1024, "alpha": 0.1, "seed": 0}, "outcome": "converged", "iterations": 7, "loss": 0.19023691637307447, "records_digest": "sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9", "seconds": 0.084}}',X'80000000000000007B226F7574707574223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B302C31365D7D2C226F75747075745F62696173223A7B226474797065223A22463634222C227368617065223A5B5D2C22646174615F6F666673657473223A5B31362C32345D7D7D2020202064F3F1390AFBC03F72901996E624C43F6D2CBF2A94382FC0');
CREATE TABLE training_progress (
	training_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	claim INTEGER NOT NULL, 
	progress JSON NOT NULL, 
	CONSTRAINT pk_training_progress PRIMARY KEY (training_id, number), 
	CONSTRAINT fk_training_progress_training_id FOREIGN KEY(training_id) REFERENCES trainings (id)
);
INSERT INTO "training_progress" VALUES('df67694e16c54fd9879945956aef4100',1,1,'{"start": 534, "starts": 1024, "iteration": 23, "loss": 0.1536704814252934, "done": 1.0}');
INSERT INTO "training_progress" VALUES('bcea94723e3140d18c69f3266d996ae8',1,1,'{"start": 1, "starts": 1, "iteration": 7, "loss": 0.19023691637307447, "done": 1.0}');
INSERT INTO "training_progress" VALUES('8a4a53be880744c4ae76586215cb2671',1,1,'{"start": 1, "starts": 1, "iteration": 1285, "loss": 0.1543621124877599, "done": 0.01285}');
INSERT INTO "training_progress" VALUES('8a4a53be880744c4ae76586215cb2671',2,1,'{"start": 1, "starts": 1, "iteration": 5622, "loss": 0.1497009303183924, "done": 0.05622}');
INSERT INTO "training_progress" VALUES('8a4a53be880744c4ae76586215cb2671',3,1,'{"start": 1, "starts": 1, "iteration": 8568, "loss": 0.1493652695391153, "done": 0.08568}');
INSERT INTO "training_progress" VALUES('8a4a53be880744c4ae76586215cb2671',4,1,'{"start": 1, "starts": 1, "iteration": 13087, "loss": 0.14918454876706194, "done": 0.13087}');
CREATE TABLE training_records (
	training_id VARCHAR(32) NOT NULL, 
	records BLOB NOT NULL, 
	CONSTRAINT pk_training_records PRIMARY KEY (training_id), 
	CONSTRAINT fk_training_records_training_id FOREIGN KEY(training_id) REFERENCES trainings (id)
);
CREATE TABLE "trainings" (
	id VARCHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL, 
	submitted_at VARCHAR(27) NOT NULL, 
	started_at VARCHAR(27), 
	finished_at VARCHAR(27), 
	options JSON NOT NULL, 
	rows INTEGER NOT NULL, 
	records_digest VARCHAR(71) NOT NULL, 
	problem JSON, 
	attempt INTEGER DEFAULT 0 NOT NULL, 
	claims INTEGER DEFAULT 0 NOT NULL, 
	slot INTEGER, 
	lease_until DOUBLE, 
	CONSTRAINT pk_trainings PRIMARY KEY (id), 
	CONSTRAINT ck_trainings_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')), 
	CONSTRAINT ck_trainings_claim CHECK ((state = 'running') = (slot IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL))
);
INSERT INTO "trainings" VALUES('df67694e16c54fd9879945956aef4100','succeeded','2026-11-24T12:00:11.597357Z','2026-11-24T12:00:11.602336Z','2026-11-24T12:00:11.860479Z','{"input_names": ["years_of_experience", "performance_score"], "fit": {"network": "two_layer", "hidden_units": 2, "solver": "gauss_newton", "learning_rate": 1.0, "epochs": 2000, "max_iterations": 200, "alpha": 0.1, "seed": 0, "starts": null}, "threshold": 0.5, "activate": true}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9',NULL,1,1,NULL,NULL);
INSERT INTO "trainings" VALUES('bcea94723e3140d18c69f3266d996ae8','succeeded','2026-11-24T12:00:11.869131Z','2026-11-24T12:00:11.871354Z','2026-11-24T12:00:11.956946Z','{"input_names": ["years_of_experience", "performance_score"], "fit": {"network": "single_neuron", "hidden_units": 2, "solver": "gauss_newton", "learning_rate": 1.0, "epochs": 2000, "max_iterations": 200, "alpha": 0.1, "seed": 0, "starts": null}, "threshold": 0.25, "activate": true}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9',NULL,1,1,NULL,NULL);
INSERT INTO "trainings" VALUES('31a324ac3d5a4df2a6999613f6e43c0c','failed','2026-11-24T12:00:11.964033Z','2026-11-24T12:00:11.966752Z','2026-11-24T12:00:12.055354Z','{"input_names": ["years_of_experience", "performance_score"], "fit": {"network": "two_layer", "hidden_units": 2, "solver": "gradient_descent", "learning_rate": 1000.0, "epochs": 2000, "max_iterations": 200, "alpha": 1000.0, "seed": 0, "starts": null}, "threshold": 0.5, "activate": true}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9','{"code": "invalid_options", "detail": "learning_rate: the training left the finite numbers; a smaller one keeps it there."}',1,1,NULL,NULL);
INSERT INTO "trainings" VALUES('8a4a53be880744c4ae76586215cb2671','cancelled','2026-11-24T12:00:12.081368Z','2026-11-24T12:00:12.084620Z','2026-11-24T12:00:13.285711Z','{"input_names": ["years_of_experience", "performance_score"], "fit": {"network": "two_layer", "hidden_units": 2, "solver": "gradient_descent", "learning_rate": 1.0, "epochs": 100000, "max_iterations": 200, "alpha": 0.1, "seed": 0, "starts": null}, "threshold": 0.5, "activate": true}',1000,'sha256:a03044a2874e45cb1d6c6644e0779c3ef0a6caf23caa5146409dbe6c04ecdea2',NULL,1,1,NULL,NULL);
CREATE UNIQUE INDEX uq_trainings_slot ON trainings (slot);
CREATE INDEX ix_trainings_state ON trainings (state);
CREATE INDEX ix_trainings_submitted_at ON trainings (submitted_at, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('activations',3);
COMMIT;
