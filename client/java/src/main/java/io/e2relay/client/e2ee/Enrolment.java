// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.DeviceOffer;
import io.e2relay.client.crypto.EnrolmentCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import java.util.Base64;

/// What a new device hands to one that is in the account, by a scan or any other way. Nothing in it is secret; that it
/// came from the device that the user holds is known by its code.
public record Enrolment(DeviceOffer offer) {
  private static final int BYTES = DeviceId.BYTES + 2 * Point.BYTES + Signature.BYTES;

  /// As it is carried: for a QR code, or to be pasted.
  public String text() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(offer.device().bytes().concat(offer.dsk().bytes())
        .concat(offer.dek().bytes()).concat(offer.possession().bytes()).toByteArray());
  }

  public static Reading<Enrolment> read(String text) {
    if (text.length() != (BYTES * 8 + 5) / 6) {
      return new Reading.Unreadable<>(Fault.WRONG_LENGTH);
    }
    ByteString bytes;
    try {
      bytes = ByteString.copyFrom(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException _) {
      return new Reading.Unreadable<>(Fault.UNKNOWN_VALUE);
    }
    int dsk = DeviceId.BYTES;
    int dek = dsk + Point.BYTES;
    int possession = dek + Point.BYTES;
    if (bytes.byteAt(dsk) != 4 || bytes.byteAt(dek) != 4) {
      return new Reading.Unreadable<>(Fault.MALFORMED_POINT);
    }
    return new Reading.Read<>(
        new Enrolment(new DeviceOffer(new DeviceId(bytes.substring(0, dsk)), new Point(bytes.substring(dsk, dek)),
            new Point(bytes.substring(dek, possession)), new Signature(bytes.substring(possession)))));
  }

  /// What the new device shows, and the other one compares.
  EnrolmentCode code(Account account) {
    return new EnrolmentCode(account.tenant(), account.uid(), offer.device(), offer.dsk(), offer.dek());
  }
}
