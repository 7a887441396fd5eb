// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.self.SelfBlobs.Page;
import io.e2relay.keyservice.self.SelfBlobs.Stored;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Padding;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.record.Signature;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What every keeper of self blobs does.
///
/// Tests share one keeper, so each has its own user.
public interface SelfBlobsContract {
  int LARGE = SelfBlob.BYTES_MAX;

  SelfBlobs blobs();

  static SelfBlob blob(SelfKind kind, long counter, int content) {
    return new SelfBlob(kind, counter, random(SelfBlob.WRAP_BYTES), random(Envelope.SEAL_BYTES + content),
        new Signature(random(Signature.BYTES)));
  }

  static SelfBlob blob(SelfKind kind, long counter) {
    return blob(kind, counter, 256);
  }

  static ByteString random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static Uid user() {
    return new Uid(random(Uid.BYTES));
  }

  private List<ByteString> all(Uid uid) {
    Page page = blobs().get(uid, Set.of(), 4 * LARGE);
    assertEquals(false, page.more());
    return page.blobs();
  }

  private static List<ByteString> bytes(SelfBlob... blobs) {
    return Stream.of(blobs).map(SelfBlob::bytes).toList();
  }

  @Test
  default void the_newest_of_each_kind_is_kept_and_told_by_kind() {
    Uid uid = user();
    assertEquals(List.of(), all(uid));
    SelfBlob labels = blob(SelfKind.LABELS, 7);
    SelfBlob heads = blob(SelfKind.HEADS, 1);
    assertEquals(Stored.DONE, blobs().put(uid, labels));
    assertEquals(Stored.DONE, blobs().put(uid, heads));
    assertEquals(bytes(heads, labels), all(uid));
    SelfBlob newer = blob(SelfKind.HEADS, 9);
    assertEquals(Stored.DONE, blobs().put(uid, newer));
    assertEquals(bytes(newer, labels), all(uid));
    assertEquals(List.of(), all(user()));
    assertEquals(newer, assertInstanceOf(Reading.Read.class, SelfBlob.read(all(uid).getFirst())).value());
  }

  @Test
  default void the_counter_never_goes_back() {
    Uid uid = user();
    SelfBlob five = blob(SelfKind.VERIFIED, 5);
    assertEquals(Stored.DONE, blobs().put(uid, five));
    assertEquals(Stored.OLDER, blobs().put(uid, blob(SelfKind.VERIFIED, 4)));
    assertEquals(Stored.OLDER, blobs().put(uid, blob(SelfKind.VERIFIED, 5)));
    assertEquals(bytes(five), all(uid));
    assertEquals(Stored.DONE, blobs().put(uid, blob(SelfKind.SETTINGS, 1)));
    SelfBlob last = blob(SelfKind.VERIFIED, (1L << 53) - 1);
    assertEquals(Stored.DONE, blobs().put(uid, last));
    assertEquals(last.bytes(), all(uid).getFirst());
  }

  @Test
  default void the_same_again_is_answered_as_before() {
    Uid uid = user();
    SelfBlob five = blob(SelfKind.VERIFIED, 5);
    assertEquals(Stored.DONE, blobs().put(uid, five));
    assertEquals(Stored.DONE, blobs().put(uid, five));
    assertEquals(bytes(five), all(uid));
  }

  @Test
  default void only_the_kinds_that_were_asked_for_are_told() {
    Uid uid = user();
    SelfBlob heads = blob(SelfKind.HEADS, 1);
    SelfBlob labels = blob(SelfKind.LABELS, 1);
    SelfBlob settings = blob(SelfKind.SETTINGS, 1);
    List.of(heads, labels, settings).forEach(one -> blobs().put(uid, one));
    assertEquals(new Page(bytes(labels), false), blobs().get(uid, Set.of(3), LARGE));
    assertEquals(new Page(bytes(heads, settings), false), blobs().get(uid, Set.of(4, 1, 2), LARGE));
    assertEquals(new Page(List.of(), false), blobs().get(uid, Set.of(2, 200), LARGE));
  }

  @Test
  default void no_more_bytes_come_than_asked_for_and_the_rest_by_its_kinds() {
    Uid uid = user();
    SelfBlob heads = blob(SelfKind.HEADS, 1);
    SelfBlob large = blob(SelfKind.VERIFIED, 1, Padding.SELF_MAX);
    SelfBlob labels = blob(SelfKind.LABELS, 1);
    SelfBlob settings = blob(SelfKind.SETTINGS, 1);
    List.of(heads, large, labels, settings).forEach(one -> blobs().put(uid, one));
    assertEquals(LARGE, large.bytes().size());
    int two = heads.bytes().size() + large.bytes().size();
    assertEquals(new Page(bytes(heads), true), blobs().get(uid, Set.of(), two - 1));
    assertEquals(new Page(bytes(heads, large), true), blobs().get(uid, Set.of(), two));
    assertEquals(new Page(bytes(large), true), blobs().get(uid, Set.of(2, 3, 4), LARGE));
    assertEquals(new Page(bytes(labels, settings), false), blobs().get(uid, Set.of(3, 4), LARGE));
  }
}
