// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import java.io.IOException;
import java.util.List;

/// Stores the witnesses outside of the store, so that rewriting the store does not rewrite them.
public interface WitnessMemory {
  /// The saved witnesses; empty if there are none or they cannot be read.
  List<Witness> load();

  /// Replaces the saved witnesses. They survive a power failure once this returns.
  void save(List<Witness> witnesses) throws IOException;

  /// A memory that saves nothing.
  WitnessMemory NONE =
      new WitnessMemory() {
        @Override
        public List<Witness> load() {
          return List.of();
        }

        @Override
        public void save(List<Witness> witnesses) {}
      };
}
