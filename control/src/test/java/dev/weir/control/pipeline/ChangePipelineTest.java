// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.access.AuthenticatedCaller.Grant;
import dev.weir.control.change.Change;
import dev.weir.control.change.StoreChangeExecutor;
import dev.weir.control.pipeline.WriteRequest.ApplySet;
import dev.weir.control.pipeline.WriteRequest.Delete;
import dev.weir.control.pipeline.WriteRequest.Put;
import dev.weir.control.pipeline.WriteRequest.StoreGenerated;
import dev.weir.control.pipeline.WriteResult.Committed;
import dev.weir.control.pipeline.WriteResult.DryRun;
import dev.weir.control.pipeline.WriteResult.Refused;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.control.validation.EnvironmentRules;
import dev.weir.model.Resources;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import java.lang.reflect.Proxy;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A refused write changes neither a resource nor the audit log, whichever step refuses it.
class ChangePipelineTest {
  private static final ResourceRef CHAT = ResourceRef.of(Kind.MODEL, "default", "chat");
  private static final ResourceRef OTHER = ResourceRef.of(Kind.MODEL, "default", "other");
  private static final Precondition NONE = new Precondition.None();

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private Store store;
  private ChangePipeline pipeline;

  @BeforeEach
  void open() {
    store = SqliteStore.open(folder, clock);
    pipeline =
        new ChangePipeline(
            store,
            new AccessControl(store, clock),
            new EnvironmentRules(
                Set::of,
                host -> {
                  throw new UnknownHostException(host);
                }),
            new StoreChangeExecutor(store),
            noRollouts(),
            clock);
    assertThat(put(CHAT, model("chat"))).isInstanceOf(Committed.class);
    assertThat(put(version(), versionOf("chat"))).isInstanceOf(Committed.class);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void a_caller_without_the_role_is_refused() {
    assertRefused(new Put(OTHER, model("other")), author(Role.VIEWER, ""), NONE)
        .isInstanceOf(Refusal.Forbidden.class);
    assertRefused(new Delete(version()), author(Role.VIEWER, ""), NONE)
        .isInstanceOf(Refusal.Forbidden.class);
    assertRefused(
            new StoreGenerated(List.of(Resources.apiKey("key", "ann")), key(), 0),
            author(Role.DEPLOYER, ""),
            NONE)
        .isInstanceOf(Refusal.Forbidden.class);
  }

  @Test
  void an_unchanged_resource_needs_only_the_right_to_read_it() {
    Author deployer = author(new Grant(Role.DEPLOYER, "default", false), "");
    assertThat(pipeline.run(new ApplySet(principal("user"), false), admin(), NONE))
        .isInstanceOf(Committed.class);
    assertThat(pipeline.run(new ApplySet(target("local"), false), admin(), NONE))
        .isInstanceOf(Committed.class);
    String same = target("local") + "---\n" + model("other");
    assertThat(pipeline.run(new ApplySet(same, true), deployer, NONE)).isInstanceOf(DryRun.class);
    assertThat(pipeline.run(new ApplySet(same, false), deployer, NONE))
        .isInstanceOf(Committed.class);
    assertThat(store.get(OTHER)).isPresent();
    String changed = target("local").replace("name: local", "name: local, labels: {a: b}");
    assertRefused(new ApplySet(changed, false), deployer, NONE)
        .isInstanceOf(Refusal.Forbidden.class);
    assertRefused(new ApplySet(principal("user"), false), deployer, NONE)
        .as("a deployer may not read principals")
        .isInstanceOf(Refusal.Forbidden.class);
    assertRefused(new Delete(ResourceRef.of(Kind.TARGET, "", "local")), deployer, NONE)
        .isInstanceOf(Refusal.Forbidden.class);
  }

  @Test
  void a_resource_that_only_the_reader_left_unchanged_is_committed_at_its_revision_only() {
    var unchanged = Map.of(CHAT, 7L);
    var change =
        (Change.ApplyAll)
            new ApplySet("", false)
                .change(
                    List.of(Resources.model("chat"), Resources.model("other")),
                    OptionalLong.empty(),
                    unchanged);
    assertThat(change.applies())
        .extracting(Change.Apply::expectedRevision)
        .containsExactly(OptionalLong.of(7), OptionalLong.empty());
  }

  @Test
  void the_right_is_checked_before_the_content() {
    String body = model("other") + "---\n" + invalid("more");
    assertRefused(new ApplySet(body, false), author(Role.VIEWER, ""), NONE)
        .isInstanceOf(Refusal.Forbidden.class);
  }

  @Test
  void a_body_without_the_resource_of_the_path_is_refused() {
    assertRefused(new Put(OTHER, ""), NONE).isInstanceOf(Refusal.WrongBody.class);
    assertRefused(new Put(OTHER, model("other") + "---\n" + model("chat")), NONE)
        .isInstanceOf(Refusal.WrongBody.class);
    assertRefused(new Put(OTHER, model("chat")), NONE).isInstanceOf(Refusal.Invalid.class);
  }

  @Test
  void invalid_fields_and_references_are_refused() {
    assertRefused(new Put(OTHER, invalid("other")), NONE).isInstanceOf(Refusal.Invalid.class);
    ResourceRef orphan = ResourceRef.of(Kind.MODEL_VERSION, "default", "nothing-1");
    assertRefused(new Put(orphan, versionOf("nothing")), NONE).isInstanceOf(Refusal.Invalid.class);
    assertRefused(new ApplySet(model("other") + "---\n" + versionOf("nothing"), true), NONE)
        .isInstanceOf(Refusal.Invalid.class);
  }

  @Test
  void the_deletion_of_a_missing_or_used_resource_is_refused() {
    assertRefused(new Delete(OTHER), NONE).isEqualTo(new Refusal.NotFound(OTHER));
    assertRefused(new Delete(CHAT), NONE).isInstanceOf(Refusal.NotAllowed.class);
  }

  @Test
  void a_precondition_that_does_not_hold_is_refused() {
    Precondition stale = new Precondition.AtRevision(77);
    assertRefused(new Put(CHAT, model("chat")), stale)
        .isInstanceOf(Refusal.PreconditionFailed.class);
    assertRefused(new Put(CHAT, model("chat")), new Precondition.Absent())
        .isInstanceOf(Refusal.PreconditionFailed.class);
    assertRefused(new Put(OTHER, model("other")), new Precondition.Present())
        .isEqualTo(new Refusal.Missing(OTHER));
    assertRefused(new Delete(version()), stale).isInstanceOf(Refusal.PreconditionFailed.class);
    assertRefused(new ApplySet(model("chat"), true), stale)
        .isInstanceOf(Refusal.PreconditionFailed.class);
    assertRefused(new Put(CHAT, model("chat")), new Precondition.Unreadable("not a revision"))
        .isEqualTo(new Refusal.Malformed("not a revision"));
  }

  @Test
  void a_precondition_guards_one_resource_only() {
    assertRefused(
            new ApplySet(model("other") + "---\n" + model("more"), false),
            new Precondition.Present())
        .isEqualTo(new Refusal.Malformed("If-Match guards one resource, the body holds 2"));
  }

  @Test
  void a_generated_resource_that_exists_is_refused() {
    assertRefused(new StoreGenerated(List.of(Resources.model("chat")), CHAT, 0), NONE)
        .isInstanceOf(Refusal.Overtaken.class);
  }

  @Test
  void a_reason_that_is_too_long_is_refused() {
    Author author = author(Role.ADMIN, "x".repeat(Author.MAX_REASON + 1));
    assertRefused(new Put(OTHER, model("other")), author, NONE).isEqualTo(Author.REASON_TOO_LONG);
  }

  @Test
  void a_dry_run_succeeds_and_writes_nothing() {
    long before = store.revision();
    assertThat(pipeline.run(new ApplySet(model("other"), true), admin(), NONE))
        .isInstanceOf(DryRun.class);
    assertThat(store.revision()).isEqualTo(before);
    assertThat(store.get(OTHER)).isEmpty();
  }

  @Test
  void a_write_that_no_step_refuses_is_committed() {
    assertThat(pipeline.run(new Put(OTHER, model("other")), admin(), new Precondition.Absent()))
        .isInstanceOf(Committed.class);
    assertThat(store.get(OTHER)).isPresent();
    assertThat(pipeline.run(new Delete(OTHER), admin(), new Precondition.Present()))
        .isInstanceOf(Committed.class);
    assertThat(store.get(OTHER)).isEmpty();
  }

  private ObjectAssert<Refusal> assertRefused(WriteRequest request, Precondition precondition) {
    return assertRefused(request, admin(), precondition);
  }

  private ObjectAssert<Refusal> assertRefused(
      WriteRequest request, Author author, Precondition precondition) {
    long revision = store.revision();
    long audited = audited();
    WriteResult result = pipeline.run(request, author, precondition);
    assertThat(result).isInstanceOf(Refused.class);
    assertThat(store.revision()).isEqualTo(revision);
    assertThat(audited()).isEqualTo(audited);
    return assertThat(((Refused) result).refusal());
  }

  private long audited() {
    return store.audit(0, 1_000).size();
  }

  private WriteResult put(ResourceRef ref, String body) {
    return pipeline.run(new Put(ref, body), admin(), NONE);
  }

  private static Author admin() {
    return author(Role.ADMIN, "");
  }

  private static Author author(Role role, String reason) {
    return author(new Grant(role, "default", true), reason);
  }

  private static Author author(Grant grant, String reason) {
    var caller = new AuthenticatedCaller("ann", key(), "", List.of(grant));
    return new Author(caller, "127.0.0.1", "request-1", reason);
  }

  private static ResourceRef key() {
    return ResourceRef.of(Kind.API_KEY, "default", "key");
  }

  private static ResourceRef version() {
    return ResourceRef.of(Kind.MODEL_VERSION, "default", "chat-1");
  }

  private static String model(String name) {
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %s, namespace: default}
    spec: {owner: team@example.com}
    """
        .formatted(name);
  }

  private static String principal(String type) {
    return """
    apiVersion: weir.dev/v1
    kind: Principal
    metadata: {name: bob}
    spec: {type: %s}
    """
        .formatted(type);
  }

  private static String target(String name) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: %s}
    spec: {provider: process}
    """
        .formatted(name);
  }

  private static String versionOf(String model) {
    return """
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1, namespace: default}
    spec:
      model: %1$s
      version: "1"
      engine: {type: sim}
    """
        .formatted(model);
  }

  private static String invalid(String name) {
    return model(name).replace("owner", "owners");
  }

  /// No write of these tests starts a release.
  private static RolloutOperations noRollouts() {
    return (RolloutOperations)
        Proxy.newProxyInstance(
            ChangePipelineTest.class.getClassLoader(),
            new Class<?>[] {RolloutOperations.class},
            (_, method, _) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
