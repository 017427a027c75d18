package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.ImageModel;
import io.embeddingoperator.api.v1alpha1.MountFolder;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeModel;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files that are read must be mounted. On a laptop any folder will do; a pod has the claims that the manifest names and what
 * the template mounts, say a claim at {@code /source}. A pod without them would find nothing and fail later.
 */
final class MountCheck {
    private MountCheck() {}

    /** @throws SpecificationProblem with a sentence that names the field */
    static void check(EmbeddingJobSpec spec, List<MountedVolume> ours) {
        switch (spec.source().selected()) {
            case VolumeSource volume -> checkSource(volume, TemplateVolumes.foldersOfFiles(spec.template()));
            case PostgresSource postgres -> {}
            case S3Source s3 -> {}
        }
        switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> checkModel(onnx, spec.template(), ours);
            case OpenAiEmbedder openai -> {}
        }
    }

    private static void checkSource(VolumeSource volume, List<String> template) {
        String path = volume.path();
        String files = path.startsWith("/") ? path : RunnerVolumes.SOURCE_FOLDER + "/" + path;
        if (Stream.of(files.split("[/{},]")).anyMatch(".."::equals)) {
            throw problem("spec.source.volume.path is %s: leave out .., which leads out of the volume".formatted(path));
        }
        boolean isOnClaim = volume.claimName() != null && MountPath.isIn(files, RunnerVolumes.SOURCE_FOLDER);
        if (isOnClaim || isMounted(files, template)) {
            return;
        }
        if (volume.claimName() == null) {
            throw problem(
                    ("spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files,"
                                    + " or mount a claim of spec.template at %s")
                            .formatted(RunnerVolumes.SOURCE_FOLDER));
        }
        throw problem("spec.source.volume.path is %s: give it relative to the root of the claim %s"
                .formatted(path, volume.claimName()));
    }

    /** @throws SpecificationProblem with a sentence that names the field */
    static void checkModel(OnnxEmbedder onnx, RunnerTemplate template, List<MountedVolume> ours) {
        ImageModel image = onnx.model().image();
        if (image != null) {
            checkFolder("spec.embedder.onnx.model.image.mountPath", image.mountPath(), ours);
        }
        VolumeModel volume = onnx.model().volume();
        if (volume != null) {
            checkFolder("spec.embedder.onnx.model.volume.mountPath", volume.mountPath(), ours);
            if (volume.claimName() == null
                    && !isMounted(volume.mountPath(), TemplateVolumes.foldersOfFiles(template))) {
                throw problem(
                        ("spec.embedder.onnx.model.volume.claimName is missing: name the PersistentVolumeClaim that"
                                        + " holds the model, or mount a claim of spec.template at %s")
                                .formatted(volume.mountPath()));
            }
        }
    }

    private static void checkFolder(String field, String path, List<MountedVolume> ours) {
        if (!MountFolder.isAllowed(path)) {
            throw problem(field + " " + MountFolder.refusal(path));
        }
        boolean isTaken = ours.stream()
                .filter(volume -> !volume.volume().getName().equals(RunnerVolumes.MODEL))
                .anyMatch(volume -> MountPath.overlap(path, volume.mount().getMountPath()));
        if (isTaken) {
            throw problem("%s is %s, where the runner has another folder: use /model".formatted(field, path));
        }
    }

    private static boolean isMounted(String path, List<String> template) {
        return template.stream().anyMatch(folder -> MountPath.isIn(path, folder));
    }

    private static SpecificationProblem problem(String sentence) {
        return new SpecificationProblem(SpecificationProblem.Reason.InvalidSpecification, sentence);
    }
}
