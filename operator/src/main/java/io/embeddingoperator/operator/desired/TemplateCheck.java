package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.TemplateMount;
import io.embeddingoperator.api.v1alpha1.TemplateVolume;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a template may not do: take away what a run needs. All clashes are told at once. */
final class TemplateCheck {
    private static final String FIELD = "spec.template.";

    private TemplateCheck() {}

    /**
     * Compares a template with what the operator itself puts into the pod.
     *
     * @throws SpecificationProblem with a sentence for every clash
     */
    static void check(RunnerTemplate template, Map<String, String> labels, List<MountedVolume> ours) {
        List<String> clashes = new ArrayList<>();
        clashes.addAll(labels(template, labels));
        clashes.addAll(variables(template));
        clashes.addAll(volumes(template, ours));
        clashes.addAll(mounts(template, ours));
        if (!clashes.isEmpty()) {
            throw new SpecificationProblem(SpecificationProblem.Reason.InvalidTemplate, String.join("; ", clashes));
        }
    }

    private static List<String> labels(RunnerTemplate template, Map<String, String> ours) {
        return ours.entrySet().stream()
                .filter(label -> !template.labels()
                        .getOrDefault(label.getKey(), label.getValue())
                        .equals(label.getValue()))
                .map(label -> "%slabels.%s is the operator's own and %s here: remove it"
                        .formatted(FIELD, label.getKey(), label.getValue()))
                .sorted()
                .toList();
    }

    private static List<String> variables(RunnerTemplate template) {
        List<String> clashes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < template.env().size(); i++) {
            String name = template.env().get(i).name();
            if (!seen.add(name)) {
                clashes.add("%senv[%d] sets %s a second time: remove one of them".formatted(FIELD, i, name));
            }
        }
        return clashes;
    }

    private static List<String> volumes(RunnerTemplate template, List<MountedVolume> ours) {
        Set<String> names =
                ours.stream().map(volume -> volume.volume().getName()).collect(Collectors.toSet());
        List<String> clashes = new ArrayList<>();
        for (int i = 0; i < template.volumes().size(); i++) {
            String name = template.volumes().get(i).name();
            if (names.contains(name)) {
                clashes.add("%svolumes[%d] is named %s like a volume of the operator's own: choose another name"
                        .formatted(FIELD, i, name));
            }
        }
        return clashes;
    }

    /** A mount inside of another one would need a folder in it, and a Secret in it would pass for files of a claim. */
    private static List<String> mounts(RunnerTemplate template, List<MountedVolume> ours) {
        Set<String> volumes =
                template.volumes().stream().map(TemplateVolume::name).collect(Collectors.toSet());
        List<String> clashes = new ArrayList<>();
        for (int i = 0; i < template.volumeMounts().size(); i++) {
            TemplateMount mount = template.volumeMounts().get(i);
            String path = mount.mountPath();
            if (!volumes.contains(mount.name())) {
                clashes.add("%svolumeMounts[%d] mounts %s, which is no volume of the template: add it to volumes"
                        .formatted(FIELD, i, mount.name()));
            }
            if (ours.stream()
                    .anyMatch(volume -> MountPath.overlap(path, volume.mount().getMountPath()))) {
                clashes.add(
                        "%svolumeMounts[%d] is mounted at %s, where a volume of the operator's own is: use another path"
                                .formatted(FIELD, i, path));
            }
            if (template.volumeMounts().subList(0, i).stream()
                    .anyMatch(other -> MountPath.overlap(path, other.mountPath()))) {
                clashes.add("%svolumeMounts[%d] is mounted at %s, over or inside another mount: use another path"
                        .formatted(FIELD, i, path));
            }
        }
        return clashes;
    }
}
