// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import dev.weir.model.notation.FieldPath;
import dev.weir.model.spec.AlertChannelSpec;
import dev.weir.model.spec.AlertChannelSpec.ChannelType;
import dev.weir.model.spec.AlertChannelSpec.SmtpSpec;
import dev.weir.model.value.Problem;
import java.util.Optional;
import java.util.function.Consumer;

/// Which fields each type of AlertChannel requires, and which must be absent.
final class ChannelRules {
  private ChannelRules() {}

  private enum Need {
    MUST,
    MAY,
    NEVER
  }

  static void check(String path, AlertChannelSpec channel, Consumer<Problem> problems) {
    ChannelType type = channel.type();
    need(path, "url", url(type), channel.url(), urlHint(type), problems);
    need(
        path, "credential", credential(type), channel.credential(), credentialHint(type), problems);
    need(
        path,
        "smtp",
        type == ChannelType.EMAIL ? Need.MUST : Need.NEVER,
        channel.smtp(),
        "host, port, from and to",
        problems);
    channel.smtp().ifPresent(smtp -> login(path, channel, smtp, problems));
  }

  private static Need url(ChannelType type) {
    return switch (type) {
      case WEBHOOK, ALERTMANAGER -> Need.MUST;
      case PAGERDUTY -> Need.MAY;
      case SLACK, EMAIL -> Need.NEVER;
    };
  }

  private static Need credential(ChannelType type) {
    return switch (type) {
      case SLACK, PAGERDUTY -> Need.MUST;
      case WEBHOOK, ALERTMANAGER, EMAIL -> Need.MAY;
    };
  }

  private static String urlHint(ChannelType type) {
    return switch (type) {
      case SLACK -> "the webhook URL is a secret: set credential instead";
      case EMAIL -> "smtp defines where mail goes";
      case WEBHOOK -> "the URL that receives events";
      case ALERTMANAGER -> "the base URL, such as http://alertmanager:9093";
      case PAGERDUTY -> "";
    };
  }

  private static String credentialHint(ChannelType type) {
    return type == ChannelType.SLACK
        ? "env:NAME or file:PATH of the webhook's URL"
        : "env:NAME or file:PATH of the routing key";
  }

  private static void need(
      String path,
      String field,
      Need need,
      Optional<?> value,
      String hint,
      Consumer<Problem> problems) {
    if (need == Need.MUST && value.isEmpty()) {
      problems.accept(new Problem(FieldPath.child(path, field), "", "must be given: " + hint));
    }
    if (need == Need.NEVER && value.isPresent()) {
      String why = field.equals("smtp") ? "it applies only to type email" : hint;
      problems.accept(new Problem(FieldPath.child(path, field), "", "must be left out: " + why));
    }
  }

  private static void login(
      String path, AlertChannelSpec channel, SmtpSpec smtp, Consumer<Problem> problems) {
    if (smtp.username().isPresent() != channel.credential().isPresent()) {
      problems.accept(
          new Problem(
              FieldPath.child(FieldPath.child(path, "smtp"), "username"),
              smtp.username().orElse(""),
              "needs the credential, which is its password: set both or neither"));
    }
    if (smtp.username().isPresent() && !smtp.startTls()) {
      problems.accept(
          new Problem(
              FieldPath.child(FieldPath.child(path, "smtp"), "startTls"),
              "false",
              "must be true with a username: Weir never sends a password unencrypted"));
    }
  }
}
