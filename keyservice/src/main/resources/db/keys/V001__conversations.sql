-- SPDX-License-Identifier: Apache-2.0
-- Conversations, who is in them, and what the host calls its users.
--
-- No triggers, sequences, extensions or advisory locks. Tables of a conversation co-locate on conversation_id, which
-- every unique key of theirs contains; tables of a user key by uid.

-- The row that every change of members locks first.
CREATE TABLE keys.conversation (
  conversation_id bytea NOT NULL,
  tenant bytea NOT NULL,
  -- Numbers of e2relay.v1.TrustLevel and e2relay.v1.History.
  level smallint NOT NULL,
  history smallint NOT NULL,
  -- The version of the roster; in encrypted conversations also of the key.
  epoch bigint NOT NULL,
  -- What a link needs besides the id; null where joining by link is off.
  link_secret bytea,
  -- Members now, so that a page of conversations can be bounded before their rosters are read.
  members integer NOT NULL,
  created_by bytea NOT NULL,
  created_ms bigint NOT NULL,
  PRIMARY KEY (conversation_id),
  CHECK (octet_length(conversation_id) = 32),
  CHECK (octet_length(tenant) = 16),
  CHECK (epoch >= 1),
  CHECK (members >= 0)
) WITH (fillfactor = 70);

-- Rosters as intervals of epochs, both ends inclusive: a change costs a row, not a roster.
-- A member is somebody with an open interval (to_epoch is null), whatever roster(epoch) says.
CREATE TABLE keys.member (
  conversation_id bytea NOT NULL,
  uid bytea NOT NULL,
  from_epoch bigint NOT NULL,
  to_epoch bigint,
  -- Numbers of e2relay.v1.Role and e2relay.v1.MemberState.
  role smallint NOT NULL,
  state smallint NOT NULL,
  PRIMARY KEY (conversation_id, uid, from_epoch),
  CHECK (octet_length(uid) = 16),
  CHECK (from_epoch >= 1),
  CHECK (to_epoch >= from_epoch)
);

-- The roster now; nobody is in it twice.
CREATE UNIQUE INDEX member_now ON keys.member (conversation_id, uid) WHERE to_epoch IS NULL;

-- The list of a user's conversations, page by page.
CREATE INDEX member_list ON keys.member (uid, conversation_id) WHERE to_epoch IS NULL;

-- A user the service has heard of: by a connection, or because somebody added the uid.
CREATE TABLE keys.app_user (
  uid bytea NOT NULL,
  -- Null until the user connects: an adder's word says nothing about whose uid it is.
  tenant bytea,
  -- The host's name of the user; null until the first connection is complete.
  subject text,
  -- Grows whenever the user is added to or removed from a conversation, or their role changes.
  version bigint NOT NULL,
  PRIMARY KEY (uid),
  CHECK (octet_length(uid) = 16),
  CHECK (subject IS NULL OR tenant IS NOT NULL)
) WITH (fillfactor = 70);

-- Which request made which conversation, so that a repeated request makes no second one.
CREATE TABLE keys.create_request (
  uid bytea NOT NULL,
  request_id bytea NOT NULL,
  conversation_id bytea NOT NULL,
  -- SHA-256 of what was asked for.
  content_hash bytea NOT NULL,
  PRIMARY KEY (uid, request_id)
);
