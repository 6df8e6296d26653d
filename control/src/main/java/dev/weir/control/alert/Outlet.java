// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.Reply;
import dev.weir.control.channel.Transport;
import dev.weir.control.channel.Writing;
import java.io.IOException;
import java.util.function.Supplier;

/// How alerts leave the house.
///
/// @param base of the control API as others reach it, for links; empty while it is not known
public record Outlet(Writing writing, Transport transport, Supplier<String> base) {
  /// One through which nothing gets out.
  public static final Outlet NONE =
      new Outlet(
          new Writing(reference -> {
            throw new IOException("there are no secrets here");
          }),
          message -> new Reply.Refused("this control plane tells nobody anything"),
          () -> "");
}
