// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The members of a conversation at one moment, in the order of their uids; immutable.
public final class Roster {
  /// The order of uids everywhere, PostgreSQL's `bytea` included.
  public static final Comparator<Uid> ORDER = Comparator.comparing(Uid::bytes,
      ByteString.unsignedLexicographicalComparator());

  private final TreeMap<Uid, Member> members = new TreeMap<>(ORDER);

  public Roster(Collection<Member> members) {
    for (Member member : members) {
      if (this.members.put(member.uid(), member) != null) {
        throw new IllegalArgumentException("somebody is in a roster once");
      }
    }
  }

  public List<Member> members() {
    return List.copyOf(members.values());
  }

  public @Nullable Member member(Uid uid) {
    return members.get(uid);
  }

  public boolean contains(Uid uid) {
    return members.containsKey(uid);
  }

  public int size() {
    return members.size();
  }

  /// Whether there is an admin who can act as one.
  public boolean led() {
    return members.values().stream().anyMatch(Member::admin);
  }

  /// This roster with these members instead of what it says of their uids.
  Roster with(Collection<Member> others) {
    TreeMap<Uid, Member> all = new TreeMap<>(members);
    others.forEach(other -> all.put(other.uid(), other));
    return new Roster(all.values());
  }

  public Roster without(Set<Uid> uids) {
    return new Roster(members.values().stream().filter(member -> !uids.contains(member.uid())).toList());
  }

  /// The members of whom this roster says something that the other does not say: of the earlier one these have ended,
  /// of the later one these have begun.
  public List<Member> unlike(Roster other) {
    return members.values().stream().filter(member -> !member.equals(other.member(member.uid()))).toList();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Roster that && members.equals(that.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return "Roster" + members.values();
  }
}
