package io.embeddingoperator.runner.manifest;

import io.embeddingoperator.api.v1alpha1.EndpointLimits;

/** What an endpoint can be opened from: a job, whose model and table it answers for, or an endpoint with a model of its own. */
public sealed interface ServedManifest permits Manifest, EndpointManifest {
    Metadata metadata();

    /** What it takes upon itself where the command line does not say otherwise. */
    EndpointLimits limits();
}
