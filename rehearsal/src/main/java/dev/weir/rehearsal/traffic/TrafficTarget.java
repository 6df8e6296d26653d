// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where traffic goes.
///
/// @param gateway URL of the gateway, without `/v1`
/// @param ca PEM file of the CA of the gateway's certificate; empty means Java's trust store
/// @param key API key that may call the Service
/// @param namespace of the Service
/// @param service name of the Service, which is also the model that clients request
public record TrafficTarget(
    URI gateway, Optional<Path> ca, String key, String namespace, String service) {
  /// `namespace/service`.
  public String id() {
    return namespace + "/" + service;
  }

  /// The key is not part of the text.
  @Override
  public String toString() {
    return id() + " at " + gateway;
  }
}
