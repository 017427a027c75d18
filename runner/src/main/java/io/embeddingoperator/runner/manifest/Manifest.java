package io.embeddingoperator.runner.manifest;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EndpointLimits;
import io.embeddingoperator.runner.failure.SpecificationException;

/** An EmbeddingJob as a file holds it. */
public record Manifest(String apiVersion, String kind, Metadata metadata, EmbeddingJobSpec spec)
        implements ServedManifest {
    public Manifest {
        if (metadata == null) {
            throw new SpecificationException("metadata is missing: give the job a metadata.name");
        }
        if (spec == null) {
            throw new SpecificationException("spec is missing: say what should be embedded, by what and into where");
        }
    }

    /** The job's name in logs and in progress: namespace/name. */
    public String job() {
        return metadata.namespace() + "/" + metadata.name();
    }

    @Override
    public EndpointLimits limits() {
        return EndpointLimits.DEFAULT;
    }

    /** The job in the sink's state. An object that was deleted and made again under its old name is another job. */
    public String identity() {
        return metadata.uid() == null ? job() : job() + "@" + metadata.uid();
    }
}
