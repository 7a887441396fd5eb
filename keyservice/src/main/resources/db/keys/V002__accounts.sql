-- SPDX-License-Identifier: Apache-2.0
-- Accounts: the chain of each user's records, and what their devices need to open.
--
-- All tables of an account key by uid, but account_key, whose very point is to be unique among all users.

-- The row that every put of a record locks first.
CREATE TABLE keys.account (
  uid bytea NOT NULL,
  tenant bytea NOT NULL,
  -- The newest record, its hash, and the generation of the user's key in it: what a roster has to name.
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  aek_gen bigint NOT NULL,
  PRIMARY KEY (uid),
  CHECK (octet_length(uid) = 16),
  CHECK (octet_length(tenant) = 16),
  CHECK (seq >= 1),
  CHECK (octet_length(hash) = 32),
  CHECK (aek_gen >= 1)
) WITH (fillfactor = 70);

-- The exact bytes that were put; never changed, never deleted.
CREATE TABLE keys.account_record (
  uid bytea NOT NULL,
  seq bigint NOT NULL,
  -- Numbers of the protocol: 1 genesis, 2 device added, 3 device revoked, 4 key rotated, 5 reset, 6 reset vetoed.
  kind smallint NOT NULL,
  record bytea NOT NULL,
  stored_ms bigint NOT NULL,
  PRIMARY KEY (uid, seq)
);

-- Every public key there has ever been, and whose. Nobody gets a second use out of one.
CREATE TABLE keys.account_key (
  public_key bytea NOT NULL,
  uid bytea NOT NULL,
  -- 1 account key, 2 user's key, 3 device's signing key, 4 device's decryption key.
  purpose smallint NOT NULL,
  -- Of the device's keys; empty for the others.
  device_id bytea NOT NULL,
  PRIMARY KEY (public_key),
  CHECK (octet_length(public_key) = 65)
);

-- The user's key as it was wrapped for a device with a record; kept until the device leaves the account.
CREATE TABLE keys.device_wrap (
  uid bytea NOT NULL,
  device_id bytea NOT NULL,
  seq bigint NOT NULL,
  wrap bytea NOT NULL,
  PRIMARY KEY (uid, device_id, seq),
  CHECK (octet_length(wrap) = 177)
);
