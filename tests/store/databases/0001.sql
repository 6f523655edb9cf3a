BEGIN TRANSACTION;
CREATE TABLE activations (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	activated_at VARCHAR(27) NOT NULL, 
	CONSTRAINT fk_activations_version FOREIGN KEY(version) REFERENCES model_versions (version)
);
INSERT INTO "activations" VALUES(1,1,'2026-11-24T08:28:57.663282Z');
INSERT INTO "activations" VALUES(2,2,'2026-11-24T08:28:57.756755Z');
INSERT INTO "activations" VALUES(3,1,'2026-11-24T08:28:57.863050Z');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
INSERT INTO "model_versions" VALUES(1,'b7a47baf93cb427eb47d552a04e78e09','2026-11-24T08:28:57.663282Z','sha256:dd1fff31bb5893b93114d51e35f6876d1d0e028b2ba61ff523b11534f254f1d7','{"threshold": 0.5, "network": {"kind": "two_layer", "inputs": ["years_of_experience", "performance_score"], "hidden_units": 2}, "training": {"rows": 200, "promoted": 20, "solver": "gauss_newton", "options": {"network": "two_layer", "solver": "gauss_newton", "hidden_units": 2, "max_iterations": 200, "starts": 128, "alpha": 0.1, "seed": 0}, "outcome": "converged", "iterations": 23, "loss": 0.1536704813435599, "records_digest": "sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9", "seconds": 0.126}}',X'00010000000000007B2268696464656E223A7B226474797065223A22463634222C227368617065223A5B322C325D2C22646174615F6F666673657473223A5B302C33325D7D2C2268696464656E5F62696173223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B33322C34385D7D2C226F7574707574223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B34382C36345D7D2C226F75747075745F62696173223A7B226474797065223A22463634222C227368617065223A5B5D2C22646174615F6F666673657473223A5B36342C37325D7D7D2020202020527817703DA5CC3F6BC1142A5F71D6BF6A87D47265A1CFBFADE329FDA34FCBBF77C16F1FEE672A4057EED06ADC9F3440D8FE316B18FB0AC06D94764C039A14C0F9BE8E0B76FEF13F');
INSERT INTO "model_versions" VALUES(2,'0ff2ac347683441c9cca0b2de81c76e1','2026-11-24T08:28:57.756755Z','sha256:3311f6eb31248bae2116c4858bdfcda33bd1fe4caed86f2867db7178c35f4478','{"threshold": 0.25, "network": {"kind": "single_neuron", "inputs": ["years_of_experience", "performance_score"]}, "training": {"rows": 200, "promoted": 20, "solver": "gauss_newton", "options": {"network": "single_neuron", "solver": "gauss_newton", "max_iterations": 200, "starts": 128, "alpha": 0.1, "seed": 0}, "outcome": "converged", "iterations": 7, "loss": 0.19023691637307447, "records_digest": "sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9", "seconds": 0.087}}',X'80000000000000007B226F7574707574223A7B226474797065223A22463634222C227368617065223A5B325D2C22646174615F6F666673657473223A5B302C31365D7D2C226F75747075745F62696173223A7B226474797065223A22463634222C227368617065223A5B5D2C22646174615F6F666673657473223A5B31362C32345D7D7D2020202064F3F1390AFBC03F72901996E624C43F6D2CBF2A94382FC0');
CREATE TABLE trainings (
	id VARCHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL, 
	submitted_at VARCHAR(27) NOT NULL, 
	started_at VARCHAR(27), 
	finished_at VARCHAR(27), 
	options JSON NOT NULL, 
	rows INTEGER NOT NULL, 
	records_digest VARCHAR(71) NOT NULL, 
	problem JSON, 
	CONSTRAINT pk_trainings PRIMARY KEY (id), 
	CONSTRAINT ck_trainings_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
);
INSERT INTO "trainings" VALUES('b7a47baf93cb427eb47d552a04e78e09','succeeded','2026-11-24T08:28:57.535948Z','2026-11-24T08:28:57.535967Z','2026-11-24T08:28:57.663282Z','{"network": "two_layer", "solver": "gauss_newton", "hidden_units": 2, "max_iterations": 200, "starts": 128, "alpha": 0.1, "seed": 0}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9',NULL);
INSERT INTO "trainings" VALUES('0ff2ac347683441c9cca0b2de81c76e1','succeeded','2026-11-24T08:28:57.668766Z','2026-11-24T08:28:57.668775Z','2026-11-24T08:28:57.756755Z','{"network": "single_neuron", "solver": "gauss_newton", "max_iterations": 200, "starts": 128, "alpha": 0.1, "seed": 0}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9',NULL);
INSERT INTO "trainings" VALUES('0475709539ec434c9a38989fffb8c61d','failed','2026-11-24T08:28:57.760139Z','2026-11-24T08:28:57.760148Z','2026-11-24T08:28:57.851506Z','{"network": "two_layer", "solver": "gradient_descent", "hidden_units": 2, "learning_rate": 1000.0, "epochs": 1000, "alpha": 1000.0, "seed": 0}',200,'sha256:1f57507ac8f4c26bd002ea25bc09af158e5cf97b34cdbbff44a41315f32c62c9','{"code": "invalid_options", "detail": "learning_rate: the training left the finite numbers; a smaller one keeps it there."}');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('activations',3);
COMMIT;
