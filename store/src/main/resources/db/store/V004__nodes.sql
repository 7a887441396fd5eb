-- SPDX-License-Identifier: Apache-2.0
-- The nodes of the service, as they list themselves. Lost, it is written again within a second; so it needs no log that
-- outlives a crash, but one table of a few rows is not worth an exception.
CREATE TABLE store.node (
  -- The node's name; its row is written anew when it starts again.
  node text NOT NULL,
  -- Another one each time the node starts.
  incarnation bigint NOT NULL,
  roles text[] NOT NULL,
  -- The clock of the database, the only one that all nodes share.
  beat_at timestamptz NOT NULL,
  CONSTRAINT node_pkey PRIMARY KEY (node),
  CONSTRAINT node_name_length CHECK (octet_length(node) BETWEEN 1 AND 255)
) WITH (fillfactor = 50);
