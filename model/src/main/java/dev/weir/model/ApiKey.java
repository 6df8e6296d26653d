// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.ApiKeySpec;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;

/// A key that authenticates a Principal; Weir stores only its hash.
public record ApiKey(Metadata metadata, ApiKeySpec spec, @Default("{}") NoStatus status)
    implements Resource {
  @Override
  public Kind kind() {
    return Kind.API_KEY;
  }

  @Override
  public ApiKey withMetadata(Metadata metadata) {
    return new ApiKey(metadata, spec, status);
  }

  @Override
  public ApiKey withStatusOf(Resource other) {
    return new ApiKey(metadata, spec, ((ApiKey) other).status());
  }

  public ApiKey withSpec(ApiKeySpec spec) {
    return new ApiKey(metadata, spec, status);
  }

  public ApiKey withStatus(NoStatus status) {
    return new ApiKey(metadata, spec, status);
  }
}
