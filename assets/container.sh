{% set exec = "setpriv --inh-caps -all --ambient-caps -all " ~ shell if keeps_capabilities else shell %}
{% if join %}
# Run with a pid: that of a process of the container that is joined.
{% endif %}
{% if others %}
# To join a namespace of our own once more may be refused.
other() { [ "/proc/self/ns/$1" -ef "/proc/$pid/ns/$1" ] || echo "--$1"; }
pid=$1
{% endif %}
{% if join %}
nsenter --target "$1"
{%- for name in joined_names %} --{{ name }}{% endfor %}
{%- for kind in others %} $(other {{ kind.name }}){% endfor %}
{%- if joins_user %} --preserve-credentials{% endif %}
{{- " " -}}
{% endif %}
{% if clone_flags or time %}
{{ "\\\n  " if join else "" }}unshare
{%- if maps %} --user --map-root-user{% elif user %} --user{{ " --keep-caps" if keeps_capabilities else "" }}{% endif %}
{%- if mnt %} --mount --propagation {{ propagation_name }}{% endif %}
{%- if net %} --net{% endif %}
{%- if ipc %} --ipc{% endif %}
{%- if cgroup %} --cgroup{% endif %}
{%- if time %} --time --monotonic {{ options.offset }} --boottime {{ options.offset }}{% endif %}
{%- if pid %} --pid{% endif %}
{%- if pid or time %} --fork{% endif %}
{%- if options.proc == "fresh" and not own_root %} --mount-proc{% endif %}
{%- if uts %} --uts{% endif %}
{{- " " -}}
{% endif %}
{% if own_root %}
sh -ec '
{% if uts %}
  hostname {{ options.hostname }}
{% if options.domainname %}
  domainname {{ options.domainname }}
{% endif %}
{% endif %}
  # A small root, made of what there is.
  mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs /tmp
  cd /tmp
  for name in usr etc opt bin sbin lib lib32 lib64 libx32 dev proc sys; do
    if [ -L /$name ]; then
      cp -P /$name .
    elif [ -d /$name ]; then
      mkdir $name
      mount --rbind /$name $name
    fi
  done
  mkdir -m 1777 tmp
  mkdir -m 700 root
  # The old root lands on top of the new one, and is taken off from there.
  pivot_root . .
  umount -l .
  cd /
{% if options.proc == "fresh" %}
  mount -t proc -o nosuid,nodev,noexec proc /proc
{% endif %}
{% if shared_last %}
  mount --make-rshared /
{% endif %}
  exec {{ exec }}'
{%- elif uts or shared_last %}
sh -c '{{ "hostname " ~ options.hostname ~ "; " if uts }}{{ "domainname " ~ options.domainname ~ "; " if options.domainname }}{{ "mount --make-rshared /; " if shared_last }}exec {{ exec }}'
{%- else %}
{{ exec }}
{%- endif %}
