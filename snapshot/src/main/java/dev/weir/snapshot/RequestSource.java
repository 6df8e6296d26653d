// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// The source of an arrival slice's requests; no slice mixes sources.
public enum RequestSource {
  /// Client requests, split by the canary's weight.
  CLIENTS,
  /// Generated probes, split in halves.
  PROBES,
  /// Recorded client requests that are replayed, split in halves.
  RECORDED,
  /// Client requests that the stable version serves and the canary receives as copies: each request
  /// counts once in both arms.
  MIRRORED
}
