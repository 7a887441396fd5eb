-- SPDX-License-Identifier: Apache-2.0
-- Devices as the service sees them, and what a new record of an account makes it do. All of it keys by uid.

-- The host's token says so; a bot has no account and is in no encrypted conversation.
ALTER TABLE keys.app_user ADD COLUMN bot boolean NOT NULL DEFAULT false;

-- Whether the account's root key is with its devices and in no backup. The first record decides.
ALTER TABLE keys.account ADD COLUMN strict boolean NOT NULL DEFAULT false;

-- Of strict accounts: the account's root key as it was wrapped for the device with the record.
ALTER TABLE keys.device_wrap
  ADD COLUMN root_wrap bytea,
  ADD CONSTRAINT device_wrap_root_wrap_length CHECK (octet_length(root_wrap) = 177);

-- When a device was here last. A device that never was has no row.
CREATE TABLE keys.device_use (
  uid bytea NOT NULL,
  device_id bytea NOT NULL,
  -- The last sign-in with a proof, give or take a day.
  seen_ms bigint NOT NULL,
  -- When the device said that it is done, and the account's newest record then: it stays refused until a later record
  -- adds it anew.
  retired_ms bigint,
  retired_seq bigint,
  PRIMARY KEY (uid, device_id),
  CHECK (octet_length(uid) = 16),
  CHECK (octet_length(device_id) = 16),
  CHECK (num_nonnulls(retired_ms, retired_seq) <> 1)
) WITH (fillfactor = 70);

-- A record turned the user's key: every epoch that is for an older one has yet to be closed.
CREATE TABLE keys.turn_job (
  uid bytea NOT NULL,
  seq bigint NOT NULL,
  aek_gen bigint NOT NULL,
  created_ms bigint NOT NULL,
  -- How often it was taken up: the one that had the fewest turns comes next.
  tries bigint NOT NULL DEFAULT 0,
  -- Conversations up to this one are done.
  through bytea NOT NULL DEFAULT '',
  PRIMARY KEY (uid, seq),
  CHECK (octet_length(uid) = 16)
) WITH (fillfactor = 70);

-- What the key log still has to take in, of every record.
CREATE TABLE keys.key_log_queue (
  uid bytea NOT NULL,
  seq bigint NOT NULL,
  leaf bytea NOT NULL,
  PRIMARY KEY (uid, seq),
  CHECK (octet_length(leaf) = 73)
);
