// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/// Which alerts go where.
///
/// @param url for `webhook` where events are posted, for `alertmanager` its base URL, for
///   `pagerduty` another than its public one
/// @param credential by reference, `env:NAME` or `file:PATH`, looked up by the control plane at
///   each delivery. `slack`: the webhook's URL, which is a secret; `pagerduty`: the routing key;
///   `webhook`: the secret that bodies are signed with; `alertmanager`: a bearer token; `email`:
///   the password
/// @param events none named means all
/// @param namespaces whose alerts, none named means all; what is about no namespace always counts
/// @param services names of Services, none named means all
/// @param minSeverity what matters less is not sent
/// @param resolve whether the end of an alert is told too
/// @param smtp for `email`
public record AlertChannelSpec(
    ChannelType type,
    Optional<URI> url,
    Optional<String> credential,
    @Default("[]") List<AlertEvent> events,
    @Default("[]") List<String> namespaces,
    @Default("[]") List<String> services,
    @Default("warning") Severity minSeverity,
    @Default("true") boolean resolve,
    Optional<SmtpSpec> smtp) {
  public AlertChannelSpec {
    events = List.copyOf(events);
    namespaces = List.copyOf(namespaces);
    services = List.copyOf(services);
  }

  /// Whether an alert about that is meant for the channel. A test always is.
  ///
  /// @param namespace empty when it is about none
  /// @param service empty when it is about none
  public boolean matches(AlertEvent event, Severity severity, String namespace, String service) {
    boolean chosen = events.isEmpty() || events.contains(event);
    return chosen
        && severity.atLeast(minSeverity)
        && names(namespaces, namespace)
        && names(services, service);
  }

  private static boolean names(List<String> wanted, String name) {
    return wanted.isEmpty() || name.isEmpty() || wanted.contains(name);
  }

  public enum ChannelType implements Text {
    /// CloudEvents 1.0 in structured JSON.
    WEBHOOK("webhook"),
    /// An incoming webhook of Slack, or of what speaks like it.
    SLACK("slack"),
    /// Events API v2.
    PAGERDUTY("pagerduty"),
    /// API v2.
    ALERTMANAGER("alertmanager"),
    EMAIL("email");

    private final String text;

    ChannelType(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// How mail is handed over.
  ///
  /// @param username to log in with; its password is the channel's `credential`
  /// @param startTls whether the connection must be encrypted before anything is said
  public record SmtpSpec(
      String host,
      @Default("587") int port,
      String from,
      List<String> to,
      Optional<String> username,
      @Default("true") boolean startTls) {
    public SmtpSpec {
      to = List.copyOf(to);
    }
  }
}
