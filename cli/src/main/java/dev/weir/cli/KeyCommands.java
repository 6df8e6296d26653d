// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.ChoiceOption;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.IssuedKey;
import dev.weir.client.NewKeyRequest;
import dev.weir.client.RevokedKey;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `weir key ...`: creates and revokes API keys.
final class KeyCommands {
  private KeyCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("key", "Create and revoke API keys.");
    group.addSubcommand(new Create(session));
    group.addSubcommand(new Revoke(session));
    return group;
  }

  @Command(
      name = "create",
      description = "Create a key; the secret is printed once and not stored.")
  private static final class Create implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the key")
    private String name = "";

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description =
            "role of the principal: viewer, deployer, approver, admin, inference or gateway"
                + " (all namespaces)")
    private Optional<String> role = Optional.empty();

    @Option(
        names = "--principal",
        paramLabel = "NAME",
        description = "principal that owns the key (default: the key's name)")
    private Optional<String> principal = Optional.empty();

    @Option(
        names = "--models",
        split = ",",
        paramLabel = "A,B",
        description = "public model names that it may call (default: all of its namespace)")
    private List<String> models = new ArrayList<>();

    @Option(names = "--pin-version", description = "allow pinning a version with x-weir-version")
    private boolean pinVersion;

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "lifetime, such as 30d (default: never expires)")
    private Optional<String> expires = Optional.empty();

    @Option(
        names = "--requests-per-minute",
        paramLabel = "N",
        description = "request limit across all gateways (default: none)")
    private long requestsPerMinute;

    @Option(
        names = "--tokens-per-minute",
        paramLabel = "N",
        description = "limit of prompt and output tokens (default: none)")
    private long tokensPerMinute;

    @Option(
        names = "--max-in-flight",
        paramLabel = "N",
        description = "limit of concurrent requests (default: none)")
    private int maxInFlight;

    @Option(
        names = "--priority",
        paramLabel = "WORD",
        description = "scheduling priority under overload: high, normal or low (default: normal)")
    private Optional<String> priority = Optional.empty();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Create(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      IssuedKey issued = session.client().issueKey(session.namespace(), name, request(), reason);
      if (format.document()) {
        session.document(Json.tree(issued));
      } else {
        session.note(issued.resource().ref() + " created; the key is shown only once:");
        session.line(issued.key());
      }
      return ExitStatus.OK;
    }

    private NewKeyRequest request() {
      Optional<Instant> expiresAt =
          expires.map(text -> session.now().plus(DurationOption.of("--expires", text)));
      return new NewKeyRequest(
          principal.orElse(name),
          role.map(word -> ChoiceOption.of("role", Role.values(), word)),
          models,
          pinVersion,
          expiresAt,
          Optional.of(new Limits(requestsPerMinute, tokensPerMinute, maxInFlight))
              .filter(limits -> !limits.equals(Limits.NONE)),
          priority.map(word -> ChoiceOption.of("priority", Priority.values(), word)));
    }
  }

  @Command(name = "revoke", description = "Revoke a key.")
  private static final class Revoke implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the key")
    private String name = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Revoke(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      RevokedKey revoked = session.client().revokeKey(session.namespace(), name, reason);
      if (format.document()) {
        session.document(tree(revoked));
      } else {
        int known = revoked.acknowledged().size();
        session.line(
            revoked.resource().ref()
                + " "
                + session.style().state("revoked")
                + (known == 0
                    ? ""
                    : ", acknowledged by " + String.join(", ", revoked.acknowledged())));
      }
      for (RevokedKey.Unacknowledged gateway : revoked.unacknowledged()) {
        session.note(
            "warning: gateway %s may still accept the key: %s"
                .formatted(
                    TerminalSanitizer.line(gateway.gateway()),
                    TerminalSanitizer.line(gateway.reason())));
      }
      return ExitStatus.OK;
    }

    private static ObjectNode tree(RevokedKey revoked) {
      ObjectNode tree = JsonNodeFactory.instance.objectNode();
      tree.set("resource", Manifests.toTree(revoked.resource()));
      ArrayNode acknowledged = tree.putArray("acknowledged");
      revoked.acknowledged().forEach(acknowledged::add);
      tree.set("unacknowledged", Json.array(revoked.unacknowledged()));
      return tree;
    }
  }
}
