-- SPDX-License-Identifier: Apache-2.0
-- Encrypted conversations: who opened which epoch for whom, and the epochs' keys as they were wrapped.
--
-- Tables of a conversation co-locate on conversation_id, which every unique key of theirs contains.

ALTER TABLE keys.conversation
  -- Of encrypted conversations: the exact bytes of the genesis, whose hash the id is.
  ADD COLUMN genesis bytea,
  -- Of encrypted conversations: the hash of the current epoch's record.
  ADD COLUMN epoch_hash bytea,
  -- Nothing is appended until an epoch is opened; or never again, if there is a successor.
  ADD COLUMN closed boolean NOT NULL DEFAULT false,
  -- The encrypted conversation as which this one goes on.
  ADD COLUMN successor bytea,
  ADD CONSTRAINT conversation_encrypted CHECK (
    num_nonnulls(genesis, epoch_hash) = CASE level WHEN 3 THEN 2 ELSE 0 END),
  ADD CONSTRAINT conversation_genesis_length CHECK (octet_length(genesis) = 235),
  ADD CONSTRAINT conversation_epoch_hash_length CHECK (octet_length(epoch_hash) = 32),
  ADD CONSTRAINT conversation_successor CHECK (successor IS NULL OR closed AND octet_length(successor) = 32);

ALTER TABLE keys.conversation ALTER COLUMN genesis SET STORAGE EXTERNAL;

-- An interval has one (role, state, account_seq, aek_gen): a change of any of them ends it and begins another.
ALTER TABLE keys.member
  -- The account record and the generation of the key to which epochs are wrapped; 0 for a pending member without an
  -- account, null in open conversations.
  ADD COLUMN account_seq bigint,
  ADD COLUMN aek_gen bigint,
  ADD CONSTRAINT member_account_key CHECK (num_nonnulls(account_seq, aek_gen) <> 1),
  ADD CONSTRAINT member_account_seq CHECK (account_seq >= 0),
  ADD CONSTRAINT member_aek_gen CHECK (aek_gen >= 0);

-- The exact bytes that were put; never changed, never deleted.
CREATE TABLE keys.epoch_record (
  conversation_id bytea NOT NULL,
  epoch bigint NOT NULL,
  hash bytea NOT NULL,
  record bytea NOT NULL,
  -- The place of the entry that opened the epoch, and when it got it.
  seq bigint NOT NULL,
  stored_ms bigint NOT NULL,
  PRIMARY KEY (conversation_id, epoch),
  CHECK (octet_length(conversation_id) = 32),
  CHECK (epoch >= 1),
  CHECK (octet_length(hash) = 32)
);

-- Mostly hashes, which do not compress.
ALTER TABLE keys.epoch_record ALTER COLUMN record SET STORAGE EXTERNAL;

-- An epoch's key, wrapped for a member who was active when it began; none for anybody who is no longer a member.
CREATE TABLE keys.wrap (
  conversation_id bytea NOT NULL,
  epoch bigint NOT NULL,
  uid bytea NOT NULL,
  wrap bytea NOT NULL,
  PRIMARY KEY (conversation_id, uid, epoch),
  CHECK (octet_length(uid) = 16),
  CHECK (octet_length(wrap) = 113)
);

-- The conversation of two; the next one of the same two takes its place once one of them has left it.
CREATE TABLE keys.direct (
  tenant bytea NOT NULL,
  uid_low bytea NOT NULL,
  uid_high bytea NOT NULL,
  conversation_id bytea NOT NULL,
  PRIMARY KEY (tenant, uid_low, uid_high),
  CHECK (octet_length(conversation_id) = 32),
  CHECK (uid_low < uid_high)
);
