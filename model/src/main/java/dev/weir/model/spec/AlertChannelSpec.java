// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Severity;
import dev.weir.model.value.Text;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// Which alerts a channel receives, and where it sends them.
///
/// @param url for `webhook`, the URL that receives events; for `alertmanager`, its base URL; for
///   `pagerduty`, a URL to use instead of the public endpoint
/// @param credential a secret reference, `env:NAME` or `file:PATH`, which the control plane
///   resolves at each delivery. `slack`: the webhook URL, which is itself a secret; `pagerduty`:
///   the routing key; `webhook`: the secret that signs request bodies; `alertmanager`: a bearer
///   token; `email`: the password
/// @param events the events to send; empty means all
/// @param namespaces namespaces whose alerts are sent; empty means all. Alerts without a namespace
///   are always sent
/// @param services names of Services whose alerts are sent; empty means all
/// @param minSeverity the lowest severity to send
/// @param resolve whether to send a notification when an alert resolves
/// @param smtp mail server settings, for `email`
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

  /// Whether the channel receives an alert with these properties.
  ///
  /// @param namespace empty for an alert without a namespace
  /// @param service empty for an alert without a Service
  public boolean matches(AlertEvent event, Severity severity, String namespace, String service) {
    boolean eventMatches = events.isEmpty() || events.contains(event);
    return eventMatches
        && severity.atLeast(minSeverity)
        && includes(namespaces, namespace)
        && includes(services, service);
  }

  private static boolean includes(List<String> filter, String name) {
    return filter.isEmpty() || name.isEmpty() || filter.contains(name);
  }

  public enum ChannelType implements Text {
    /// CloudEvents 1.0 in structured JSON.
    WEBHOOK("webhook"),
    /// A Slack incoming webhook, or one that is compatible with it.
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

  /// Mail server settings.
  ///
  /// @param username the login name; its password is the channel's `credential`
  /// @param startTls whether STARTTLS is required before any mail is sent
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
