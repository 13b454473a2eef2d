# A machine of its own for a mail server: the unpacked packages ($1) lie above the machine's files, what
# is written goes to memory ($2), and all of it is gone when the server ends. Within `unshare`.
set -e
packages=$1 memory=$2
shift 2
mount -t tmpfs memory "$memory"
for part in usr etc var; do
    mkdir "$memory/$part" "$memory/$part.work"
    layers="lowerdir=$packages/$part:/$part,upperdir=$memory/$part,workdir=$memory/$part.work"
    mount -t overlay -o "$layers" "$part" "/$part"
done
mount -t tmpfs run /run

# The users that the packages would have made, and what is theirs.
number=64000
for user in postfix Debian-exim opensmtpd opensmtpq; do
    number=$((number + 1))
    echo "$user:x:$number:$number::/:/usr/sbin/nologin" >> /etc/passwd
    echo "$user:x:$number:" >> /etc/group
done
echo "postdrop:x:64100:" >> /etc/group
mkdir -p /var/log/exim4 /var/spool/exim4 /var/lib/opensmtpd/empty
chown -R Debian-exim /var/log/exim4 /var/spool/exim4
chown -R postfix /var/lib/postfix

# Not in its place: a program that changes its user would outlive `unshare`, which this shell does not,
# nor does anything in the machine outlive this shell.
"$@"
exit $?
