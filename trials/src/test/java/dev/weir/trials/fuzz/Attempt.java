// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// One hostile or harmless request.
///
/// @param route of the API document that it aims at; empty when none in particular
/// @param id sent as `x-request-id`, to find the request in the audit log
/// @param whole whether the framing is right: then there must be an answer
/// @param set the resources it would apply together
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Attempt(
    String id, String route, String what, byte[] bytes, boolean whole, List<ObjectNode> set) {
  Attempt {
    set = List.copyOf(set);
  }
}
