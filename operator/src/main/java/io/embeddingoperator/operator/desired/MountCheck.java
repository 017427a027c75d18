package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.ImageModel;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeModel;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files that are read must be mounted. On a laptop any folder will do; a pod has the claims that the manifest names and what
 * the template mounts, say an NFS share at {@code /source}. A pod without them would find nothing and fail later.
 */
final class MountCheck {
    private MountCheck() {}

    /** @throws SpecificationProblem with a sentence that names the field */
    static void check(EmbeddingJobSpec spec, List<MountedVolume> ours) {
        List<String> mounted = Stream.concat(
                        ours.stream().map(MountedVolume::mount), spec.template().volumeMounts().stream())
                .map(VolumeMount::getMountPath)
                .filter(Objects::nonNull)
                .toList();
        switch (spec.source().selected()) {
            case VolumeSource volume -> checkSource(volume, mounted);
            case PostgresSource postgres -> {}
            case S3Source s3 -> {}
        }
        switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> checkModel(onnx, ours, mounted);
            case OpenAiEmbedder openai -> {}
        }
    }

    private static void checkSource(VolumeSource volume, List<String> mounted) {
        String path = volume.path();
        String files = path.startsWith("/") ? path : RunnerVolumes.SOURCE_FOLDER + "/" + path;
        if (isMounted(files, mounted)) {
            return;
        }
        throw problem(
                volume.claimName() == null
                        ? ("spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files,"
                                        + " or mount a volume of spec.template at %s")
                                .formatted(RunnerVolumes.SOURCE_FOLDER)
                        : "spec.source.volume.path is %s: give it relative to the root of the claim %s"
                                .formatted(path, volume.claimName()));
    }

    private static void checkModel(OnnxEmbedder onnx, List<MountedVolume> ours, List<String> mounted) {
        ImageModel image = onnx.model().image();
        if (image != null) {
            checkFolder("spec.embedder.onnx.model.image.mountPath", image.mountPath(), ours);
        }
        VolumeModel volume = onnx.model().volume();
        if (volume != null) {
            checkFolder("spec.embedder.onnx.model.volume.mountPath", volume.mountPath(), ours);
            if (!isMounted(volume.mountPath(), mounted)) {
                throw problem(
                        ("spec.embedder.onnx.model.volume.claimName is missing: name the PersistentVolumeClaim that"
                                        + " holds the model, or mount a volume of spec.template at %s")
                                .formatted(volume.mountPath()));
            }
        }
    }

    private static void checkFolder(String field, String path, List<MountedVolume> ours) {
        if (!path.startsWith("/") || path.contains(":")) {
            throw problem("%s is %s: use an absolute path without a colon, such as /model".formatted(field, path));
        }
        Set<String> taken = new HashSet<>();
        for (MountedVolume volume : ours) {
            String folder = MountPath.normal(volume.mount().getMountPath());
            if (!taken.add(folder)) {
                throw problem("%s is %s, where the runner has another folder: use /model".formatted(field, path));
            }
        }
    }

    private static boolean isMounted(String path, List<String> mounted) {
        return mounted.stream().anyMatch(folder -> MountPath.isIn(path, folder));
    }

    private static SpecificationProblem problem(String sentence) {
        return new SpecificationProblem(SpecificationProblem.Reason.InvalidSpecification, sentence);
    }
}
