package io.embeddingoperator.cluster.node;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Files with the owners and modes that a pod asks for. Only root can give files away: else all are the user's own. */
final class FileTree {
    static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private FileTree() {}

    /** Writes a file with the mode's permissions, which the umask does not change, and makes its folders. */
    static Path write(Path file, byte[] content, int mode) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        return withMode(file, mode);
    }

    static Path folder(Path folder, int mode) throws IOException {
        return withMode(Files.createDirectories(folder), mode);
    }

    static Path withMode(Path path, int mode) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromOwnerRead = PosixFilePermission.values();
        for (int bit = 0; bit < fromOwnerRead.length; bit++) {
            if ((mode & 0400 >> bit) != 0) {
                permissions.add(fromOwnerRead[bit]);
            }
        }
        Files.setPosixFilePermissions(path, permissions);
        return path;
    }

    static void giveToUser(Path path, long user) throws IOException {
        if (ROOT) {
            Files.setAttribute(path, "unix:uid", (int) user);
        }
    }

    /** Gives all files of a folder to a group, which may read them: what fsGroup does. */
    static void giveToGroup(Path tree, long group) throws IOException {
        if (ROOT) {
            try (var paths = Files.walk(tree)) {
                for (Path path : (Iterable<Path>) paths::iterator) {
                    Files.setAttribute(path, "unix:gid", (int) group);
                    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
                    permissions.add(PosixFilePermission.GROUP_READ);
                    Files.setPosixFilePermissions(path, permissions);
                }
            }
        }
    }

    /** Deletes a folder and all in it; a link is deleted, never followed. */
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
