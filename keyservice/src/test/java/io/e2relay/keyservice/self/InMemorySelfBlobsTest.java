// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.self;

final class InMemorySelfBlobsTest implements SelfBlobsContract {
  private final SelfBlobs blobs = new InMemorySelfBlobs();

  @Override
  public SelfBlobs blobs() {
    return blobs;
  }
}
