// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// One entry of a list of a snapshot.
///
/// @param name unique in its list: hash of a key, model of a route, id of a Service
/// @param value the entry
/// @param bytes the encoded entry; never changed
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EncodedEntry(String name, Object value, byte[] bytes) {
  static EncodedEntry of(Object value, byte[] bytes) {
    return new EncodedEntry(nameOf(value), value, bytes);
  }

  static String nameOf(Object value) {
    return switch (value) {
      case KeyEntry key -> key.hash();
      case RouteEntry route -> route.model();
      case ServiceEntry service -> service.id();
      default -> throw new IllegalArgumentException("no entry of a snapshot: " + value);
    };
  }

  /// The lists of a snapshot, in the order of their bytes.
  public enum Section {
    KEYS("keys"),
    ROUTES("routes"),
    SERVICES("services");

    private final String field;

    Section(String field) {
      this.field = field;
    }

    /// The name of the list in JSON.
    public String field() {
      return field;
    }

    static Optional<Section> of(String field) {
      return Arrays.stream(values()).filter(section -> section.field.equals(field)).findFirst();
    }

    List<?> of(RoutingSnapshot snapshot) {
      return switch (this) {
        case KEYS -> snapshot.keys();
        case ROUTES -> snapshot.routes();
        case SERVICES -> snapshot.services();
      };
    }
  }
}
