// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The members of a conversation at one moment, in the order of their uids; immutable.
public final class Roster {
  /// The order of uids everywhere, PostgreSQL's `bytea` included.
  public static final Comparator<Uid> ORDER = Roster::compare;

  private final List<Member> members;

  public Roster(Collection<Member> members) {
    // Mostly they are in their order: then to sort is to look whether they are.
    this.members = members.stream().sorted(Comparator.comparing(Member::uid, ORDER)).toList();
    for (int i = 1; i < this.members.size(); i++) {
      if (this.members.get(i - 1).uid().equals(this.members.get(i).uid())) {
        throw new IllegalArgumentException("somebody is in a roster once");
      }
    }
  }

  public List<Member> members() {
    return members;
  }

  public @Nullable Member member(Uid uid) {
    int low = 0;
    int high = members.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = ORDER.compare(members.get(middle).uid(), uid);
      if (order == 0) {
        return members.get(middle);
      }
      low = order < 0 ? middle + 1 : low;
      high = order > 0 ? middle - 1 : high;
    }
    return null;
  }

  public boolean contains(Uid uid) {
    return member(uid) != null;
  }

  public int size() {
    return members.size();
  }

  /// Whether there is an admin who can act as one.
  public boolean led() {
    return members.stream().anyMatch(Member::admin);
  }

  /// This roster with these members instead of what it says of their uids.
  Roster with(Collection<Member> others) {
    Map<Uid, Member> all = new HashMap<>();
    members.forEach(member -> all.put(member.uid(), member));
    others.forEach(other -> all.put(other.uid(), other));
    return new Roster(all.values());
  }

  public Roster without(Set<Uid> uids) {
    return new Roster(members.stream().filter(member -> !uids.contains(member.uid())).toList());
  }

  /// The members of whom this roster says something that the other does not say: of the earlier one these have ended,
  /// of the later one these have begun.
  public List<Member> unlike(Roster other) {
    List<Member> unlike = new ArrayList<>();
    int at = 0;
    for (Member member : members) {
      while (at < other.members.size() && ORDER.compare(other.members.get(at).uid(), member.uid()) < 0) {
        at++;
      }
      Member there = at < other.members.size() ? other.members.get(at) : null;
      if (!member.equals(there)) {
        unlike.add(member);
      }
    }
    return List.copyOf(unlike);
  }

  /// As unsigned numbers; written out, because the library's takes several times as long, and thousands are compared.
  private static int compare(Uid one, Uid other) {
    // Mostly the very same.
    if (one.equals(other)) {
      return 0;
    }
    ByteString left = one.bytes();
    ByteString right = other.bytes();
    for (int i = 0; i < Uid.BYTES; i++) {
      int order = (left.byteAt(i) & 0xff) - (right.byteAt(i) & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return 0;
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
    return "Roster" + members;
  }
}
