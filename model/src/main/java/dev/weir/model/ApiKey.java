// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

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
