-- SPDX-License-Identifier: Apache-2.0
-- Work that only those who hold a conversation's key can do, and the keys that they give outside an epoch's record.
--
-- Both tables co-locate on conversation_id, which every unique key of theirs contains.

CREATE TABLE keys.wrap_job (
  conversation_id bytea NOT NULL,
  -- Numbers of e2relay.v1.WrapJobKind.
  kind smallint NOT NULL,
  -- For whom. Empty stands for the conversation: by that row all who wait to be activated, and the opening of the next
  -- epoch, are offered and taken as one.
  uid bytea NOT NULL,
  -- Of a grant; 0 otherwise.
  epoch bigint NOT NULL,
  created_ms bigint NOT NULL,
  -- When it is offered next; null for who is offered with the conversation.
  offer_ms bigint,
  -- How often it was offered since somebody took it, and how often it was taken.
  offered integer NOT NULL DEFAULT 0,
  taken integer NOT NULL DEFAULT 0,
  -- Who took it last, and until when it is theirs.
  holder_uid bytea,
  holder_device bytea,
  lease_until_ms bigint,
  PRIMARY KEY (conversation_id, kind, uid, epoch),
  CHECK (octet_length(conversation_id) = 32),
  CHECK (octet_length(uid) IN (0, 16)),
  CHECK (num_nonnulls(holder_uid, holder_device, lease_until_ms) IN (0, 3))
);

-- What is offered next, of all conversations.
CREATE INDEX wrap_job_offer ON keys.wrap_job (offer_ms) WHERE offer_ms IS NOT NULL;

-- The grants that a user waits for, which are bounded.
CREATE INDEX wrap_job_grant ON keys.wrap_job (uid) WHERE kind = 2;

-- An epoch's key, wrapped for one more of those who may have it; gone with the membership of who got it.
CREATE TABLE keys.epoch_grant (
  conversation_id bytea NOT NULL,
  grantee bytea NOT NULL,
  epoch bigint NOT NULL,
  -- The generation of the grantee's key.
  aek_gen bigint NOT NULL,
  granter bytea NOT NULL,
  -- Numbers of the protocol: 1 wrapped again, 2 history shared.
  kind smallint NOT NULL,
  -- The exact bytes that were put.
  record bytea NOT NULL,
  wrap bytea NOT NULL,
  stored_ms bigint NOT NULL,
  -- One bad grant does not stand in the way of another's.
  PRIMARY KEY (conversation_id, grantee, epoch, aek_gen, granter),
  CHECK (octet_length(conversation_id) = 32),
  CHECK (octet_length(grantee) = 16),
  CHECK (octet_length(granter) = 16),
  CHECK (octet_length(record) = 242),
  CHECK (octet_length(wrap) = 113)
);

-- Closed epochs are few, and whoever looks for work asks for them again and again.
CREATE INDEX conversation_closed ON keys.conversation (conversation_id) WHERE closed AND successor IS NULL;
