// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A notification in the format of its channel.
public sealed interface Message {
  /// @param headers in addition to the content type
  record Post(URI to, String contentType, String body, Map<String, String> headers)
      implements Message {
    public Post {
      headers = Map.copyOf(headers);
    }
  }

  /// @param password of `username`
  record Mail(
      String host,
      int port,
      boolean startTls,
      Optional<String> username,
      Optional<String> password,
      String from,
      List<String> to,
      String subject,
      String text,
      Map<String, String> headers)
      implements Message {
    public Mail {
      to = List.copyOf(to);
      headers = Map.copyOf(headers);
    }
  }
}
