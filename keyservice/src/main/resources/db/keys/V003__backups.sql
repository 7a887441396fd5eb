-- SPDX-License-Identifier: Apache-2.0
-- What users keep here for themselves: a backup of their keys, and what their devices tell each other. All of it is
-- sealed; all tables key by uid.

CREATE TABLE keys.backup (
  uid bytea NOT NULL,
  -- Grows with every backup that follows another.
  bundle_seq bigint NOT NULL,
  backup_id bytea NOT NULL,
  -- How the password's proof is derived: the same as in the blob, so that it need not be read to tell.
  iterations integer NOT NULL,
  salt bytea NOT NULL,
  -- Made of the password's proof with the pepper of that version, which is never in the database.
  verifier bytea NOT NULL,
  pepper_version integer NOT NULL,
  -- Made of the recovery code's proof without a pepper: nobody guesses 160 random bits.
  recovery_verifier bytea NOT NULL,
  -- The exact bytes that were put.
  blob bytea NOT NULL,
  PRIMARY KEY (uid),
  CHECK (octet_length(uid) = 16),
  CHECK (bundle_seq >= 1),
  CHECK (octet_length(backup_id) = 16),
  CHECK (octet_length(salt) = 32),
  CHECK (octet_length(verifier) = 32),
  CHECK (octet_length(recovery_verifier) = 32)
);

-- Ciphertext does not get smaller.
ALTER TABLE keys.backup ALTER COLUMN blob SET STORAGE EXTERNAL;

-- Wrong passwords that were shown for a user, whether there is a backup or not. The row that every put and every try to
-- open locks first, so that no two tries are counted as one.
CREATE TABLE keys.backup_try (
  uid bytea NOT NULL,
  -- When, of the last ones only, in order.
  wrong_ms bigint[] NOT NULL,
  -- All of them since the backup's id is what it is.
  lifetime integer NOT NULL,
  PRIMARY KEY (uid),
  CHECK (octet_length(uid) = 16),
  CHECK (cardinality(wrong_ms) <= 20),
  CHECK (lifetime >= 0)
) WITH (fillfactor = 70);

CREATE TABLE keys.self_blob (
  uid bytea NOT NULL,
  -- Numbers of the protocol: 1 heads, 2 verified contacts, 3 labels, 4 settings.
  kind smallint NOT NULL,
  -- Never goes back.
  counter bigint NOT NULL,
  -- The exact bytes that were put.
  blob bytea NOT NULL,
  PRIMARY KEY (uid, kind),
  CHECK (octet_length(uid) = 16),
  CHECK (counter >= 1)
);

ALTER TABLE keys.self_blob ALTER COLUMN blob SET STORAGE EXTERNAL;
