-- SPDX-License-Identifier: Apache-2.0
-- Where a node runs, in words for people: who wants its name is told who has it.
ALTER TABLE store.node ADD COLUMN place text NOT NULL DEFAULT '';
