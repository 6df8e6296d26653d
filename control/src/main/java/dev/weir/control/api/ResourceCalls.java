// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.ListPages;
import dev.weir.control.api.call.Preconditions;
import dev.weir.control.api.call.WriteProblems;
import dev.weir.control.observation.Views;
import dev.weir.control.pipeline.ChangePipeline;
import dev.weir.control.pipeline.Refusal;
import dev.weir.control.pipeline.WriteRequest;
import dev.weir.control.pipeline.WriteResult.Committed;
import dev.weir.control.pipeline.WriteResult.DryRun;
import dev.weir.control.pipeline.WriteResult.Preview;
import dev.weir.control.pipeline.WriteResult.Refused;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Commit.Effect;
import dev.weir.store.HistoryEntry;
import dev.weir.store.Store;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Calls with one resource: get, list, history, put, delete.
///
/// Get and list return the current `status.message` of the returned revision, which may be newer
/// than the stored message, and `status.outOfSync` of a Service, which is never stored. `ETag`,
/// revisions, history and watch refer to stored resources; a new message alone changes none of
/// them.
final class ResourceCalls {
  static final int MAX_PAGE = 1_000;

  private final Store store;
  private final ChangePipeline pipeline;
  private final ListPages pages;
  private final Views views;

  ResourceCalls(Store store, ChangePipeline pipeline, ListPages pages, Views views) {
    this.store = store;
    this.pipeline = pipeline;
    this.pages = pages;
    this.views = views;
  }

  ApiResponse get(Kind kind, ApiCall call) {
    return resource(200, live(found(store, call.ref(kind))));
  }

  ApiResponse list(Kind kind, ApiCall call) {
    int limit = call.limit(MAX_PAGE);
    String of = kind.plural() + "/" + call.namespace();
    Optional<String> token = Optional.ofNullable(call.query().get("continue"));
    ListPages.Page page =
        token.isPresent()
            ? pages.next(of, token.get(), limit)
            : pages.first(listing(of, kind, call), limit);
    ObjectNode body = ApiJson.object();
    ArrayNode items = body.putArray("items");
    page.items().forEach(r -> items.add(ApiJson.resource(live(r))));
    body.put("revision", page.revision());
    page.next().ifPresent(next -> body.put("continue", next));
    return ApiResponse.json(200, body);
  }

  ApiResponse history(Kind kind, ApiCall call) {
    ResourceRef ref = call.ref(kind);
    List<HistoryEntry> entries = store.history(ref, call.limit(MAX_PAGE));
    if (entries.isEmpty()) {
      throw WriteProblems.missing(ref);
    }
    ObjectNode body = ApiJson.object();
    ArrayNode items = body.putArray("items");
    for (HistoryEntry entry : entries) {
      ObjectNode item = items.addObject();
      item.put("revision", entry.revision());
      item.put("at", entry.at().toString());
      item.put("deleted", entry.deleted());
      item.set("resource", ApiJson.resource(entry.resource()));
    }
    return ApiResponse.json(200, body);
  }

  ApiResponse put(Kind kind, ApiCall call) {
    var request = new WriteRequest.Put(call.ref(kind), ApiJson.utf8(call.body()));
    Commit.Result result = commit(pipeline, request, call).results().getFirst();
    return resource(result.effect() == Effect.CREATED ? 201 : 200, result.resource());
  }

  ApiResponse delete(Kind kind, ApiCall call) {
    var request = new WriteRequest.Delete(call.ref(kind));
    return ApiResponse.json(200, WriteResultJson.answer(commit(pipeline, request, call)));
  }

  private Resource live(Resource resource) {
    Resource current = views.progress(resource).map(resource::withMessage).orElse(resource);
    return current instanceof Service service
        ? service.withStatus(service.status().withOutOfSync(views.outOfSync(service)))
        : current;
  }

  static Resource found(Store store, ResourceRef ref) {
    return store.get(ref).orElseThrow(() -> WriteProblems.missing(ref));
  }

  /// The response with a resource, with its revision as `ETag`.
  static ApiResponse.Whole resource(int status, Resource resource) {
    return ApiResponse.json(
        status, ApiJson.resource(resource), Preconditions.etag(resource.metadata().revision()));
  }

  /// Reads the revision first: a client that watches from it may see a change twice but misses
  /// none.
  private ListPages.Listing listing(String of, Kind kind, ApiCall call) {
    long revision = store.revision();
    return new ListPages.Listing(of, revision, store.list(kind, call.namespace()));
  }

  /// Runs a write that is no dry run.
  ///
  /// @throws dev.weir.control.api.call.ProblemException when a step refuses it
  static Commit.Done commit(ChangePipeline pipeline, WriteRequest request, ApiCall call) {
    return switch (pipeline.run(request, call.author(), Preconditions.of(call))) {
      case Committed(Commit.Done done, Preview preview) -> {
        call.warnings().addAll(preview.warnings());
        yield done;
      }
      case Refused(Refusal refusal) -> throw WriteProblems.of(refusal);
      case DryRun _ -> throw new IllegalStateException("not a dry run: " + request);
    };
  }
}
