// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;
import java.util.List;

/// Resources at one revision, from which a watch can continue.
public record Listing(List<Resource> items, long revision) {
  public Listing {
    items = List.copyOf(items);
  }
}
