// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;
import java.util.List;

/// Resources as they were at one revision, which a watch can go on from.
public record Listing(List<Resource> items, long revision) {
  public Listing {
    items = List.copyOf(items);
  }
}
