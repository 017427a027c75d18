-- The state schema as runners of version 1 made it.
CREATE SCHEMA embedding_operator;
CREATE TABLE embedding_operator.version (
  version int NOT NULL
);
CREATE TABLE embedding_operator.runs (
  run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text NOT NULL,
  run int NOT NULL,
  sink_table text NOT NULL,
  specification text NOT NULL,
  orphans_deleted bigint NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  replaced_at timestamptz
);
CREATE UNIQUE INDEX runs_open ON embedding_operator.runs (job, sink_table)
  WHERE completed_at IS NULL AND replaced_at IS NULL;
CREATE INDEX runs_by_job ON embedding_operator.runs (job, sink_table, run_id);
CREATE TABLE embedding_operator.shards (
  run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
  shard int NOT NULL,
  definition text NOT NULL,
  planned_work bigint NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  windows bigint NOT NULL DEFAULT 0,
  checkpoint text,
  work bigint NOT NULL DEFAULT 0,
  embedded bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  chunks bigint NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  truncated_chunks bigint NOT NULL DEFAULT 0,
  orphans_deleted bigint NOT NULL DEFAULT 0,
  committed_at timestamptz,
  completed_at timestamptz,
  PRIMARY KEY (run_id, shard)
) WITH (fillfactor = 50);
CREATE TABLE embedding_operator.failed_documents (
  failed_document_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
  shard int NOT NULL,
  key text,
  location text NOT NULL,
  reason text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX failed_documents_by_run ON embedding_operator.failed_documents (run_id);
CREATE TABLE embedding_operator.document_keys (
  run_id bigint NOT NULL REFERENCES embedding_operator.runs ON DELETE CASCADE,
  key text COLLATE "C" NOT NULL,
  location text NOT NULL,
  PRIMARY KEY (run_id, key)
);
INSERT INTO embedding_operator.version VALUES (1);
