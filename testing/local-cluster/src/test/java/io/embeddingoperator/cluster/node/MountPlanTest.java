package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPlanTest {
    private static final Path LOG = Path.of("/logs/message");

    @TempDir
    Path folder;

    @Test
    void everyMountStandsAfterTheOneThatItLiesIn() throws Exception {
        // given a mount below another, declared first; and the folder of the image's program
        Files.createDirectories(folder.resolve("inner"));
        var volumes = Map.of(
                "data",
                new PreparedVolume(folder, false),
                "config",
                new PreparedVolume(Path.of("/volumes/config"), true));
        Container container = new ContainerBuilder()
                .addNewVolumeMount()
                .withName("config")
                .withMountPath("/data/config/")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("data")
                .withMountPath("/data")
                .withSubPath("inner")
                .endVolumeMount()
                .build();

        // when
        MountPlan plan = MountPlan.of(container, volumes, LOG, ProcessImage.of("/usr/bin/env"));

        // then
        assertThat(plan.text())
                .isEqualTo("rw\t%s/inner\t/data\nopen\t/usr/bin\t/usr/bin\nro\t/volumes/config\t/data/config\n"
                                .formatted(folder)
                        + "rw\t/logs/message\t/dev/termination-log\n");
    }

    @Test
    void aSubPathStaysInItsVolume() {
        Container container = new ContainerBuilder()
                .addNewVolumeMount()
                .withName("data")
                .withMountPath("/data")
                .withSubPath("../other")
                .endVolumeMount()
                .build();

        assertThatThrownBy(() -> MountPlan.of(
                        container, Map.of("data", new PreparedVolume(folder, false)), LOG, ProcessImage.of("true")))
                .isInstanceOf(NotStartedException.class)
                .hasMessageContaining("../other");
    }
}
