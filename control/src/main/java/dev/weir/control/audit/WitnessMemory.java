// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import java.io.IOException;
import java.util.List;

/// Keeps what gateways witnessed outside of the store, so that whoever rewrites the store does not
/// rewrite this with it.
public interface WitnessMemory {
  /// What was kept; empty when nothing was, or nothing that can be read.
  List<Witness> load();

  /// Keeps these instead; after this returns they survive a power cut.
  void save(List<Witness> witnesses) throws IOException;

  /// Forgets everything at the end of the process.
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
