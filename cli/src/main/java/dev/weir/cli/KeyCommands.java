// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.ChoiceOption;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.IssuedKey;
import dev.weir.client.NewKeyRequest;
import dev.weir.client.RevokedKey;
import dev.weir.client.WeirApiException;
import dev.weir.model.ApiKey;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Limits;
import dev.weir.model.value.Priority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `weir key ...`: creates, rotates and revokes API keys.
final class KeyCommands {
  private static final int CONFLICT = 409;

  private KeyCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("key", "Create, rotate and revoke API keys.");
    group.addSubcommand(new Create(session));
    group.addSubcommand(new Rotate(session));
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
      print(session, format, issue());
      return ExitStatus.OK;
    }

    private IssuedKey issue() {
      try {
        return session.client().issueKey(session.namespace(), name, request(), reason);
      } catch (WeirApiException refused) {
        if (refused.status() == CONFLICT
            && session.client().find(session.ref(Kind.API_KEY, name)).isPresent()) {
          throw CliException.error(
              "key %1$s exists in namespace %2$s, perhaps revoked: `weir key rotate %1$s -n %2$s` creates a successor"
                  .formatted(name, session.namespace()));
        }
        if (role.isEmpty()
            && refused.errors().stream().anyMatch(e -> e.path().equals("spec.principal"))) {
          throw CliException.error(
              "there is no principal %s: add `--role ROLE` to create it with a role, such as `--role inference`, or name an existing one with --principal (`weir get principals`)"
                  .formatted(principal.orElse(name)));
        }
        throw refused;
      }
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

  private static void print(CommandSession session, OutputFormat format, IssuedKey issued) {
    if (format.document()) {
      session.document(Json.tree(issued));
    } else {
      session.note(issued.resource().ref() + " created; the key is shown only once:");
      session.line(issued.key());
    }
  }

  @Command(
      name = "rotate",
      description =
          "Create a successor of a key with the same principal, models, limits and priority. The"
              + " old key stays valid until it is revoked.")
  private static final class Rotate implements Callable<Integer> {
    private static final Pattern NUMBERED = Pattern.compile("(.+)-([0-9]{1,6})");

    private final CommandSession session;

    @Parameters(paramLabel = "NAME", description = "name of the key; the successor is NAME-2")
    private String name = "";

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "lifetime of the new key, such as 30d (default: the end of the old key)")
    private Optional<String> expires = Optional.empty();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Rotate(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      ApiKeySpec old = ((ApiKey) session.client().get(session.ref(Kind.API_KEY, name))).spec();
      IssuedKey issued =
          session.client().issueKey(session.namespace(), unused(name), request(old), reason);
      print(session, format, issued);
      if (!format.document() && !old.revoked()) {
        session.note(
            "next: give the new key to the clients of %1$s, then run `weir key revoke %1$s -n %2$s`"
                .formatted(name, session.namespace()));
      }
      return ExitStatus.OK;
    }

    /// The next free name: `app-2` after `app`, `app-3` after `app-2`.
    private String unused(String after) {
      Matcher numbered = NUMBERED.matcher(after);
      String next =
          numbered.matches()
              ? numbered.group(1) + "-" + (Integer.parseInt(numbered.group(2)) + 1)
              : after + "-2";
      return session.client().find(session.ref(Kind.API_KEY, next)).isPresent()
          ? unused(next)
          : next;
    }

    private NewKeyRequest request(ApiKeySpec old) {
      return new NewKeyRequest(
          old.principal(),
          Optional.empty(),
          old.models(),
          old.pinVersion(),
          end(old),
          Optional.of(old.limits()).filter(limits -> !limits.equals(Limits.NONE)),
          Optional.of(old.priority()));
    }

    private Optional<Instant> end(ApiKeySpec old) {
      if (expires.isPresent()) {
        return expires.map(text -> session.now().plus(DurationOption.of("--expires", text)));
      }
      if (old.expiresAt().filter(end -> end.isBefore(session.now())).isPresent()) {
        throw CliException.usage(
            "key %s expired at %s: give the lifetime of its successor with --expires, such as 30d"
                .formatted(name, old.expiresAt().get()));
      }
      return old.expiresAt();
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
