package io.embeddingoperator.runner.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The memory limit of the control group that this process is in, and of every group around it. The smallest of them is the one
 * that the kernel enforces. Version 1 of control groups, version 2 and a machine with both are read.
 *
 * @param root of the file system, {@code /} but for tests
 */
record CgroupMemory(Path root) {
    /** Version 2: {@code memory.high} kills nothing, but a process beyond it is slowed down until it crawls. */
    private static final List<String> LIMIT_FILES = List.of("memory.max", "memory.high", "memory.limit_in_bytes");

    /** Without a limit, version 1 answers with the largest number of whole pages instead of with "max". */
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    /** Bytes, or empty where no group has a limit or none can be read. */
    OptionalLong limit() {
        return lines("proc/self/mountinfo")
                .flatMap(line -> Mount.of(line).stream())
                .flatMap(this::folders)
                .flatMap(folder -> LIMIT_FILES.stream().map(folder::resolve))
                .flatMap(file -> number(file).stream())
                .mapToLong(Long::longValue)
                .min();
    }

    /** A mounted hierarchy of control groups that may limit memory. */
    private record Mount(boolean unified, String group, String folder) {
        private static final int GROUP = 3;
        private static final int FOLDER = 4;

        static Optional<Mount> of(String line) {
            String[] halves = line.split(" - ", 2);
            if (halves.length < 2) {
                return Optional.empty();
            }
            String[] place = halves[0].split(" ");
            String[] system = halves[1].split(" ");
            boolean unified = system[0].equals("cgroup2");
            boolean first = system[0].equals("cgroup")
                    && List.of(system[system.length - 1].split(",")).contains("memory");
            return (unified || first) && place.length > FOLDER
                    ? Optional.of(new Mount(unified, place[GROUP], place[FOLDER]))
                    : Optional.empty();
        }

        /** @param membership a line of /proc/self/cgroup: hierarchy, controllers and path */
        Optional<String> pathOf(String membership) {
            String[] parts = membership.split(":", 3);
            if (parts.length < 3) {
                return Optional.empty();
            }
            boolean mine =
                    unified ? parts[1].isEmpty() : List.of(parts[1].split(",")).contains("memory");
            return Optional.of(parts[2]).filter(path -> mine);
        }
    }

    /** The folder of this process's group and of each group around it, as far as they are mounted. */
    private Stream<Path> folders(Mount mount) {
        Path top = inRoot(mount.folder());
        Path own = lines("proc/self/cgroup")
                .flatMap(line -> mount.pathOf(line).stream())
                .findFirst()
                .map(path -> own(top, mount.group(), path))
                .orElse(top);
        return Stream.iterate(own, folder -> folder != null && folder.startsWith(top), Path::getParent);
    }

    /** In a container that is shown its own part alone, the path may still be the host's: then the mount is the group. */
    private static Path own(Path top, String mounted, String path) {
        Path relative = path.startsWith(mounted) ? Path.of("/" + path.substring(mounted.length())) : Path.of("/");
        Path own = top.resolve(Path.of("/").relativize(relative)).normalize();
        return own.startsWith(top) && Files.isDirectory(own) ? own : top;
    }

    private Optional<Long> number(Path file) {
        try {
            return Optional.of(Files.readString(file).strip())
                    .filter(text -> text.matches("\\d{1,19}"))
                    .map(Long::parseUnsignedLong)
                    .filter(bytes -> bytes > 0 && bytes < NO_LIMIT);
        } catch (IOException e) {
            // A group without this file has no such limit.
            return Optional.empty();
        }
    }

    private Stream<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file)).stream();
        } catch (IOException e) {
            // A system without control groups.
            return Stream.empty();
        }
    }

    private Path inRoot(String absolute) {
        return root.resolve(absolute.replaceFirst("^/+", ""));
    }
}
