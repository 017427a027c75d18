package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.files.FilesSource;
import io.embeddingoperator.runner.source.postgres.PostgresSource;
import io.embeddingoperator.runner.source.s3.S3Store;

/** Opens the source that a manifest selects. */
final class Sources {
    private Sources() {}

    static Source open(Manifest manifest, RunnerEnvironment environment) {
        return switch (manifest.spec().source().selected()) {
            case io.embeddingoperator.api.v1alpha1.PostgresSource postgres ->
                PostgresSource.open(postgres, environment.connection(EnvironmentVariable.SOURCE_URI, manifest));
            case VolumeSource volume -> FilesSource.open(volume, environment.sourceFolder());
            case S3Source objects -> FilesSource.open(objects, S3Store.open(objects, environment.variables()));
        };
    }
}
